# %% [markdown]
# # Layer normalization
# Take the vector of one position. Subtract its mean, divide by its standard deviation, and let the model scale and
# shift each feature as it likes:
#
# $$\mathrm{LayerNorm}(x) = g \odot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + b, \qquad
# \mu = \frac{1}{d} \sum_i x_i, \quad \sigma^2 = \frac{1}{d} \sum_i (x_i - \mu)^2$$

# %% by-hand
import torch
from torch import Tensor, nn
from torch.autograd.functional import jacobian

from notebook_models.plotting import heat_maps, line_plot
from notebook_models.transformer.layer_norm import LayerNorm
from notebook_models.transformer.residual import Residual

x = torch.tensor([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
centered = x - x.mean()
print("mean", x.mean().item(), "variance", centered.square().mean().item())
print("by hand  ", (centered / centered.square().mean().sqrt()).tolist())
print("LayerNorm", [round(value, 6) for value in LayerNorm(8)(x).tolist()])

# %% [markdown]
# The difference that is left is $\varepsilon$, 0.00001 under the root. It matters to vectors whose features are nearly
# equal, and to no other.
#
# ## What it forgets
# Four positions. The second is the first, three times as large. The third is the first, moved up by two. The fourth has
# another pattern.

# %% forgets
pattern, other = torch.tensor([0.5, -1.0, 0.0, 1.5, -0.5, 0.2]), torch.tensor([1.0, 1.0, -1.5, 0.0, 0.5, -1.0])
positions = torch.stack([pattern, 3 * pattern, pattern + 2, other])
normalized = LayerNorm(6)(positions)
heat_maps(
    torch.stack([positions, normalized]),
    rows=["x", "3 x", "x + 2", "another"],
    columns=[f"{i}" for i in range(1, 7)],
    names=["before", "after"],
    title="What differs in size and offset alone becomes equal",
    alt="Six features of four vectors before and after layer normalization. Before, the second is larger and the third "
    "lies higher than the first. After, the first three rows are equal; the fourth, another pattern, differs.",
    row_label="position",
    column_label="feature",
)

# %% [markdown]
# ## Over what?
# Over the features of one position, and nothing else. The derivative of every output position by every input position
# shows it. For comparison, the same formula over the *positions*, feature by feature: there every word hears of every
# other, the later ones included, and no mask could hold them back.


# %% over-what
def reach(normalize: nn.Module, transposed: bool) -> Tensor:
    """Return how strongly each position's output depends on each position's input, relative to the strongest."""
    torch.manual_seed(0)
    derivative = jacobian(lambda x: normalize(x.mT).mT if transposed else normalize(x), torch.randn(5, 8))
    strength = derivative.abs().amax(dim=(1, 3))
    return strength / strength.max()


words = ["I", "love", "cats", "and", "dogs"]
heat_maps(
    torch.stack([reach(LayerNorm(8), transposed=False), reach(LayerNorm(5), transposed=True)]),
    rows=words,
    columns=words,
    names=["over features", "over positions"],
    title="Over its own features, a position depends on itself alone",
    alt="Largest derivative of each position's output by each position's input. Over features it is zero off the "
    "diagonal; over positions no cell is zero, also above the diagonal.",
    row_label="output",
    column_label="input",
)

# %% [markdown]
# ## What it is for
# A [[Residual Connection]] adds, and sums grow. Thirty sub-layers, as many as in the base model, here linear ones with
# random weights. How long are the vectors after each?

# %% lengths
WIDTH, DEPTH = 64, 30


@torch.no_grad()
def lengths(norm: str) -> list[float]:
    """Return the mean length of the vectors that enter the first sub-layer, and of those that leave each."""
    torch.manual_seed(0)
    x = torch.randn(1, 100, WIDTH)
    history = [x]
    for _ in range(DEPTH):
        sublayer = nn.Linear(WIDTH, WIDTH)
        if norm == "none":
            x = x + sublayer(x)
        else:
            residual = Residual(WIDTH, norm=norm)
            x = residual.add(x, sublayer(residual.read(x)))
        history.append(x)
    return [x.norm(dim=-1).mean().item() for x in history]


grown = {norm: lengths(norm) for norm in ("none", "pre", "post")}
names = {"none": "no norm", "pre": "norm before the sub-layer", "post": "norm after the sum, as in the paper"}
line_plot(
    {names[norm]: history for norm, history in grown.items()},
    x=list(range(DEPTH + 1)),
    x_label="sub-layers",
    y_label="length of a vector",
    title="Sums grow from layer to layer, and the norm brings them back",
    alt="Mean length of the vectors over 30 sub-layers, on a logarithmic scale. Without a norm it grows from 8 to "
    "several hundred; with the norm before the sub-layer to about 25; with the norm after the sum it stays at 8.",
    log=True,
)

# %% [markdown]
# After the sum, the length is $\sqrt{64} = 8$ each time. Before the sub-layer, only what it *reads* has a fixed size;
# the sum goes on growing, slowly. Hence such models have one more norm at the end.
#
# ## A trap for tests
# Does the first output depend on the last input? Ask the gradient of the *sum* of the first output's features. The
# answer is no, whatever the truth is: normalized features sum to zero. A random direction tells the truth.

# %% trap
torch.manual_seed(0)
mixed, norm, probe = torch.randn(5, 8, requires_grad=True), LayerNorm(8), torch.randn(8)
first = norm(mixed.mean(dim=0))  # it depends on all five
{
    name: round(torch.autograd.grad(asked, mixed, retain_graph=True)[0][-1].norm().item(), 5)
    for name, asked in {"gradient of the sum": first.sum(), "in a random direction": first @ probe}.items()
}

# %% [markdown]
# ## Your own numbers

# %% playground
from notebook_models.playground import Matrix, Numbers, Playground, Slider, Toggle


class Normalize(nn.Module):
    """Layer normalization with one gain for all features, or the vectors as they are; and what their rows have."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.norm = LayerNorm(d_model)

    def forward(self, x: Tensor, gain: Tensor, normalize: Tensor) -> tuple[Tensor, Tensor]:
        output = torch.where(normalize, gain * self.norm(x), x)
        mean = output.mean(dim=-1, keepdim=True)
        return output, torch.cat([mean, (output - mean).square().mean(dim=-1, keepdim=True).sqrt()], dim=-1)


rows, features = ("position 1", "position 2", "position 3"), ("f1", "f2", "f3", "f4")
Playground(
    title="Three vectors, normalized",
    says="Make a vector larger, or add the same to all its numbers: its row of the output stays. Change one number "
    "alone, and its whole row moves, but no other row.",
    module=Normalize(4),
    inputs=(
        Numbers("x", "Vectors", rows, features, ((1.0, 2.0, 3.0, 4.0), (10.0, 20.0, 30.0, 40.0), (0.0, 0.0, 0.0, 1.0))),
        Slider("gain", "Gain of every feature", 0, 4, 1),
        Toggle("normalize", "Normalize", default=True),
    ),
    outputs=(
        Matrix("output", "Output", rows, features),
        Matrix("moments", "Its mean and standard deviation", rows, ("mean", "deviation")),
    ),
)

# %% [markdown]
# ## Try next
# - Normalize a vector of equal features, and one of nearly equal ones. What does `eps` do to each?
# - Leave out the mean, and divide by the root of the mean square alone (RMSNorm). Which of the two, `3 x` and `x + 2`,
#   is still forgotten?
# - Let the sub-layers of the picture be twice as strong. Which line moves most?
