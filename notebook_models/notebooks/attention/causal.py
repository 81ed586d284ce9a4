# %% [markdown]
# # Causal self-attention
# A decoder writes from left to right, so what it computes at position $i$ may depend on positions $0$ to $i$ alone.
# The causal mask sees to that:
#
# $$w_{ij} = 0 \quad \text{for } j > i$$
#
# There is a second gain. Since no position sees its own answer, a training sentence can be given whole, and every
# position is asked for its next word at once.

# %% data
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.attention.causal import CausalSelfAttention
from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.plotting import heat_maps, line_plot

LENGTH = 10


def progressions(start: Tensor, step: Tensor) -> Tensor:
    """Return arithmetic progressions modulo 10, one a row, such as 3 7 1 5 9 3 7 1 5 9."""
    return (start.unsqueeze(-1) + step.unsqueeze(-1) * torch.arange(LENGTH)) % 10


every = progressions(torch.arange(90) // 9, 1 + torch.arange(90) % 9)  # all of them, but for those that stand still
every[[0, 30, 60]]

# %% [markdown]
# Two numbers fix such a sequence, so a model that has read two can tell all that follow. The same small model is
# trained twice, to predict each next number: once with causal attention, once with attention to everything.


# %% model
class Continuer(nn.Module):
    """Numbers and their positions, one attention, and a small network that names the next number."""

    def __init__(self, attention: nn.Module, d_model: int = 64) -> None:
        super().__init__()
        self.number, self.position = nn.Embedding(10, d_model), nn.Embedding(LENGTH, d_model)
        self.attention = attention
        self.next = nn.Sequential(nn.Linear(d_model, 128), nn.ReLU(), nn.Linear(128, 10))

    def forward(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        x = self.number(numbers) + self.position.weight[: numbers.shape[1]]
        attended = self.attention(x)
        return self.next(x + attended.output), attended.weights


# %% training
def train(attention: type[nn.Module], steps: int = 200) -> tuple[Continuer, list[float]]:
    torch.manual_seed(0)
    model = Continuer(attention(64, 4))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(steps):
        numbers = progressions(torch.randint(10, (64,)), torch.randint(1, 10, (64,)))
        logits, _ = model(numbers[:, :-1])
        loss = F.cross_entropy(logits[:, 1:].flatten(0, 1), numbers[:, 2:].flatten())  # the first step is a guess
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


causal, causal_losses = train(CausalSelfAttention)
leaking, leaking_losses = train(MultiHeadAttention)
line_plot(
    {"causal": causal_losses, "leaking": leaking_losses},
    x=range(1, 201),
    x_label="training step",
    y_label="cross-entropy of the next number",
    title="By its loss, the model that sees the answer is the better one",
    alt="Two training losses on a logarithmic axis. Both fall; that of the leaking model falls faster and ends far "
    "lower.",
    log=True,
)

# %% [markdown]
# Now let both go on alone: give them two numbers, and feed back what they say.


# %% generation
@torch.no_grad()
def go_on(model: Continuer, numbers: Tensor) -> Tensor:
    while numbers.shape[1] < LENGTH:
        numbers = torch.cat([numbers, model(numbers)[0][:, -1:].argmax(dim=-1)], dim=1)
    return numbers


exact = {
    name: (go_on(model, every[:, :2]) == every).all(dim=-1).float().mean().item()
    for name, model in {"causal": causal, "leaking": leaking}.items()
}
exact

# %% [markdown]
# The loss of the leaking model was worth nothing. The picture shows where it looked while it was trained: one step to
# the right of the diagonal, at the answer. When it generates, there is nothing to the right yet.

# %% where-they-look
start, end = every[29, :-1], every[29, 1:]
rows = [f"{now} → {then}" for now, then in zip(start.tolist(), end.tolist(), strict=True)]
weights = [model(start.unsqueeze(0))[1][0].mean(dim=0).detach() for model in (causal, leaking)]
heat_maps(
    torch.stack(weights),
    rows=rows,
    columns=[str(number) for number in start.tolist()],
    names=["causal", "leaking"],
    title="The leaking model reads its answer one step to the right",
    alt="Mean attention of four heads over nine numbers. The causal model uses the diagonal and what lies left of it. "
    "The leaking model puts most of its weight on the cells just right of the diagonal.",
    row_label="now → next",
    column_label="number read",
)

# %% [markdown]
# ## See what a row may see

# %% playground
from notebook_models.attention.masks import causal_mask
from notebook_models.attention.scaled_dot_product import scaled_dot_product_attention
from notebook_models.playground import Mask, Playground, Slider, Toggle, Tokens, Weights


class Masked(nn.Module):
    """Self-attention of fixed random embeddings under both masks, each of which may be taken away."""

    def __init__(self, vocab: int, d_model: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, d_model)

    def forward(self, tokens: Tensor, causal: Tensor, padding: Tensor) -> tuple[Tensor, Tensor]:
        n = tokens.shape[1]
        ahead = causal_mask(n) | ~causal
        real = torch.arange(n) < n - padding
        allowed = ahead & real
        x = self.embedding(tokens)[0]
        return allowed, scaled_dot_product_attention(x, x, x, allowed).weights


torch.manual_seed(0)
known = ["the", "a", "cat", "dog", "that", "sat", "ran", "on", "under", "mat", "and", "slept"]
Playground(
    title="Two masks",
    says="A tick is a position that the row may read. The weights of what is left still sum to one in each row; a row "
    "that may read nothing has none.",
    module=Masked(len(known)),
    inputs=(
        Tokens("tokens", "Words", {word: at for at, word in enumerate(known)}, "the cat sat on the mat"),
        Toggle("causal", "Causal: nothing that comes later", default=True),
        Slider("padding", "Padding: words at the end that are none", 0, 6, 0),
    ),
    outputs=(
        Mask("allowed", "What each row may read", "tokens", "tokens"),
        Weights("weights", "Weights", "tokens", "tokens"),
    ),
)

# %% [markdown]
# ## Try next
# - Let the leak be small: `causal_mask` shifted by one column. Does the loss show it?
# - The mask forbids, but it does not order: without position embeddings, what can a causal model still know of order?
# - Generation recomputes every position at each step. [[Key-Value Cache]] keeps them.
