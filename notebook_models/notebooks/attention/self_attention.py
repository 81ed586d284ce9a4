# %% [markdown]
# # Self-attention
# In self-attention a sequence asks itself. Every token sends out a query, and every token (the one asking included)
# answers with a key and a value. All three are made from the same vectors by three learned matrices:
#
# $$\mathrm{SelfAttention}(X) = \mathrm{softmax}\!\left(\frac{XW^Q\,(XW^K)^\top}{\sqrt{d_k}}\right)XW^V$$

# %% one-sentence
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.attention.self_attention import SelfAttention
from notebook_models.plotting import heat_map, heat_maps

torch.manual_seed(0)
words = ["I", "love", "cats", "and", "dogs"]
x = torch.randn(1, 5, 16)
attention = SelfAttention(d_model=16)
attended = attention(x)
attended.output.shape

# %% [markdown]
# Nothing in the formula knows where a token stands. Shuffle the tokens, and rows and columns of the weights are
# shuffled with them; each word still reads the same words by the same amounts.

# %% shuffled
order = torch.tensor([4, 2, 0, 3, 1])
shuffled = attention(x[:, order])
heat_maps(
    torch.stack([attended.weights[0], shuffled.weights[0][order.argsort()][:, order.argsort()]]).detach(),
    rows=words,
    columns=words,
    names=["in order", "shuffled, then sorted back"],
    title="Self-attention does not notice the order of its tokens",
    alt="Two maps of attention weights, one for the sentence in order and one for the shuffled sentence with its rows "
    "and columns sorted back. They are the same.",
    row_label="query",
    column_label="key",
)

# %% [markdown]
# ## Sorting a set
# What can be done without positions? Anything that depends on a set. Eight numbers go in, in any order, and each is
# asked for its rank: how many of the others are smaller? To answer, a number must compare itself with all the others,
# and attention is the only place in this model where it can.

# %% model
N, HOW_MANY = 32, 8


class Ranker(nn.Module):
    """Numbers as vectors without positions, one self-attention, and a small network that names the rank."""

    def __init__(self, d_model: int = 32) -> None:
        super().__init__()
        self.number = nn.Embedding(N, d_model)
        self.attention = SelfAttention(d_model)
        self.rank = nn.Sequential(nn.Linear(d_model, 128), nn.ReLU(), nn.Linear(128, HOW_MANY))

    def forward(self, numbers: Tensor) -> Tensor:
        x = self.number(numbers)
        return self.rank(x + self.attention(x).output)


def sets(n: int) -> tuple[Tensor, Tensor]:
    """Return n sets of different numbers in random order, and the rank of each number in its set."""
    numbers = torch.rand(n, N).argsort(dim=-1)[:, :HOW_MANY]
    return numbers, numbers.argsort(dim=-1).argsort(dim=-1)


# %% training
torch.manual_seed(0)
steps, rate = 500, 0.01
model = Ranker()
optimizer = torch.optim.Adam(model.parameters(), rate)
schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, steps)
for _ in range(steps):
    numbers, ranks = sets(128)
    loss = F.cross_entropy(model(numbers).flatten(0, 1), ranks.flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()

numbers, ranks = sets(2000)
guessed = model(numbers).argmax(dim=-1)
{
    "ranks right": (guessed == ranks).float().mean().item(),
    "whole sets right": (guessed == ranks).all(dim=-1).float().mean().item(),
}

# %% sorted
example, _ = sets(1)
by_rank = model(example).argmax(dim=-1).argsort(dim=-1)
example[0].tolist(), example.gather(1, by_rank)[0].tolist()

# %% [markdown]
# Where does each number look? Here all 32 numbers are shown to the trained attention at once.

# %% where-it-looks
every = torch.arange(N)
with torch.no_grad():
    weights = model.attention(model.number(every.unsqueeze(0))).weights[0]
heat_map(
    weights / weights.max(),
    rows=[str(number) for number in range(N)],
    columns=[str(number) for number in range(N)],
    title="Numbers look at their neighbors in size, though no one told them which are near",
    alt="Attention weights between the numbers 0 to 31, relative to the largest weight. Large weights lie in a band "
    "along the diagonal.",
    row_label="asking",
    column_label="number read",
)

# %% [markdown]
# ## Try next
# - Train on sets of eight and test on sets of seven or nine. Why does it fail, although attention takes any length?
# - Put the same number in twice. Can the two copies get different ranks?
# - Order matters in language. [[Positional Encoding]] puts it back.
