# %% [markdown]
# # Positional encoding
# Attention sees a set. Shuffle the tokens, and its outputs are shuffled with them: nothing in the formula knows which
# came first. So the place of a token is written into its vector, before any layer reads it:
#
# $$PE_{(pos,\,2i)} = \sin\!\left(\frac{pos}{10000^{2i/d_{\mathrm{model}}}}\right), \qquad
# PE_{(pos,\,2i+1)} = \cos\!\left(\frac{pos}{10000^{2i/d_{\mathrm{model}}}}\right)$$

# %% table
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.plotting import heat_map, line_plot
from notebook_models.transformer.positional_encoding import SinusoidalPositions, sinusoids

encodings = sinusoids(40, 24)
places = [f"{position}" if position % 5 == 0 else "" for position in range(40)]
heat_map(
    encodings.T,
    rows=[f"{wave} {pair}" for pair in range(12) for wave in ("sin", "cos")],
    columns=places,
    title="Each position is a column: fast waves at the top, slow ones at the bottom",
    alt="Encodings of 40 positions with 24 features. The first features swing within a few positions; the last hardly "
    "change over all forty.",
    row_label="feature",
    column_label="position",
)

# %% [markdown]
# The fast waves tell neighbors apart, the slow ones say roughly where in the text we are, as the hands of a clock do
# for minutes and hours. All pairs together name each place.

# %% waves
line_plot(
    {f"pair {i}": encodings[:, 2 * i].tolist() for i in (0, 1, 3, 5)},
    x=list(range(40)),
    x_label="position",
    y_label="sine of the pair",
    title="Four of the twelve waves",
    alt="Sines of pairs 0, 1, 3 and 5 over 40 positions; each later one is slower, and the last has not made half "
    "a turn by the end.",
)

# %% [markdown]
# ## A shift is a rotation
# Moving $k$ places turns each pair by the angle $k \cdot 10000^{-2i/d_{\mathrm{model}}}$, from wherever it stood. One
# matrix does it for every position, so "three to the left" is something a linear layer can ask for.

# %% shift
k = 3
sine, cosine = sinusoids(k + 1, 24)[k].unflatten(-1, (-1, 2)).unbind(-1)
rotation = torch.block_diag(*torch.stack([cosine, sine, -sine, cosine], dim=-1).unflatten(-1, (2, 2)))
{"largest error over 37 positions": (encodings[:-k] @ rotation.T - encodings[k:]).abs().max().item()}

# %% distance
heat_map(
    encodings @ encodings.T / 12,
    rows=places,
    columns=places,
    title="The dot product of two positions depends on their distance alone: every diagonal has one color",
    alt="Dot products of the encodings of 40 positions, relative to that of a position with itself. The values are the "
    "same along each diagonal, highest on the main one, and lower with swings as the distance grows.",
    row_label="position",
    column_label="position",
)

# %% [markdown]
# ## Backwards
# A task that is about nothing but place: say eight digits in reverse. One attention layer, with positions and without.


# %% reverser
class Reverser(nn.Module):
    """One attention over digits; at each place, it has to name the digit at the mirrored place."""

    def __init__(self, positions: bool, d_model: int = 64) -> None:
        super().__init__()
        self.digit = nn.Embedding(10, d_model)
        self.positions = SinusoidalPositions(d_model, 8) if positions else nn.Identity()
        self.attention = MultiHeadAttention(d_model, 1)
        self.answer = nn.Linear(d_model, 10)

    def forward(self, digits: Tensor) -> tuple[Tensor, Tensor]:
        attended = self.attention(self.positions(self.digit(digits)))
        return self.answer(attended.output), attended.weights


def train(positions: bool, steps: int = 200) -> Reverser:
    torch.manual_seed(0)
    model = Reverser(positions)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(steps):
        digits = torch.randint(10, (64, 8))
        logits, _ = model(digits)
        optimizer.zero_grad()
        F.cross_entropy(logits.mT, digits.flip(1)).backward()
        optimizer.step()
    return model


# %% reversed
models = {"with positions": train(True), "without": train(False)}
digits = torch.randint(10, (1000, 8))
right = {name: (model(digits)[0].argmax(-1) == digits.flip(1)).float().mean().item() for name, model in models.items()}
right

# %% weights
ordinals = ["1st", "2nd", "3rd", *(f"{place}th" for place in range(4, 9))]
heat_map(
    models["with positions"](digits)[1][:, 0].mean(0),
    rows=ordinals,
    columns=ordinals,
    title="With positions, each place reads the one that mirrors it",
    alt="Attention weights over eight places, averaged over 1,000 sequences: high on the diagonal that runs from the "
    "lower left to the upper right, near zero elsewhere.",
    row_label="query",
    column_label="key",
)

# %% [markdown]
# ## Slide along the text

# %% playground
from notebook_models.playground import Matrix, Playground, Slider

FEATURES, NEAREST = 12, 5


class Neighbors(nn.Module):
    """The encoding of one position, and its dot product with those up to five places before and after it."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self.register_buffer("table", SinusoidalPositions(FEATURES, last + NEAREST + 1).table)

    def forward(self, position: Tensor) -> tuple[Tensor, Tensor]:
        here = self.table[position].unsqueeze(0)
        around = self.table[position + torch.arange(-NEAREST, NEAREST + 1)]
        return here, here @ around.T


Playground(
    title="One position and its neighbors",
    says="Slide: the encoding changes at every step, fast on the left and slowly on the right. Its products with its "
    "neighbors do not change at all: they tell the distance, wherever in the text one stands.",
    module=Neighbors(last=60),
    inputs=(Slider("position", "Position", NEAREST, 60, 20),),
    outputs=(
        Matrix("encoding", "Its encoding", ("value",), tuple(f"{w} {i}" for i in range(6) for w in ("sin", "cos"))),
        Matrix("products", "Its product with", ("product",), tuple(f"{k:+d}" for k in range(-NEAREST, NEAREST + 1))),
    ),
)

# %% [markdown]
# ## Try next
# - Train on eight digits and ask for ten. What do waves make of a place they have never seen?
# - Put `LearnedPositions` in place of the waves. Is the task learned sooner, or later?
