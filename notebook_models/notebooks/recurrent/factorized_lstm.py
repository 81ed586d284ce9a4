# %% [markdown]
# # Factorization tricks
# All that an LSTM learns is in one matrix $T$. A product of two thin matrices can take its place, or blocks along the
# diagonal:
#
# $$T \approx W_2 W_1 \qquad\text{or}\qquad T = \mathrm{diag}(T_1, \dots, T_k)$$
#
# Both have fewer weights at the same width, or a greater width for the same weights. Which is worth more?

# %% budgets
import random

import torch
from torch import Tensor, nn

from notebook_models.plotting import line_plot
from notebook_models.recurrent.factorized_lstm import FactorizedLSTM, GroupedLSTM
from notebook_models.recurrent.lstm import LSTM
from notebook_models.training.number_words import words

layers = {
    "LSTM, 32 wide": LSTM(32, 32),
    "two factors, 64 wide": FactorizedLSTM(64, 64, rank=21),
    "two groups, 44 wide": GroupedLSTM(44, 44, n_groups=2),
}
budget = {name: sum(p.numel() for p in layer.parameters()) for name, layer in layers.items()}
{name: f"{count:,} weights" for name, count in budget.items()}

# %% [markdown]
# The same budget, three times. They read number words, letter by letter, and must name the next letter: "three hundred
# forty t" can go on with "wo", "hree" or "en" no more.

# %% the-task
letters = [*sorted(set("".join(words(number) for number in range(1000)))), "."]
index = {letter: number for number, letter in enumerate(letters)}
LENGTH, STEPS, BATCH = 20, 100, 64
generator = random.Random(0)


def draw() -> Tensor:
    """Return the letters of number words one after another, (BATCH, LENGTH + 1)."""
    rows = []
    for _ in range(BATCH):
        text = ""
        while len(text) <= LENGTH:
            text += words(generator.randrange(1000)) + "."
        rows.append([index[letter] for letter in text[: LENGTH + 1]])
    return torch.tensor(rows)


class NextLetter(nn.Module):
    """Letters as vectors, a layer that reads them, and a score for each next letter."""

    def __init__(self, layer: nn.Module, width: int) -> None:
        super().__init__()
        self.embedding, self.layer = nn.Embedding(len(letters), width), layer
        self.output = nn.Linear(width, len(letters))

    def forward(self, tokens: Tensor) -> Tensor:
        return self.output(self.layer(self.embedding(tokens)).state)


# %% training
batches = [draw() for _ in range(STEPS)]
history: dict[str, list[float]] = {}
for (name, layer), width in zip(layers.items(), (32, 64, 44), strict=True):
    torch.manual_seed(0)
    model = NextLetter(layer, width)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    history[name] = []
    for batch in batches:
        loss = nn.functional.cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history[name].append(loss.exp().item())

# %% curves
line_plot(
    {name: torch.tensor(values).view(-1, 5).mean(dim=1).tolist() for name, values in history.items()},
    x=list(range(5, STEPS + 1, 5)),
    x_label="step of the training",
    y_label="perplexity of a letter",
    title="With equal numbers of weights, the three learn nearly alike",
    alt="Perplexity of three language models over 100 steps of training. All three fall from above ten to below two, "
    "and end close together.",
    log=True,
)

# %% perplexities
perplexities = {name: sum(values[-10:]) / 10 for name, values in history.items()}
{name: f"perplexity {value:.2f}" for name, value in perplexities.items()}

# %% [markdown]
# No trick comes for free here, and none loses much. What the figure does not show is time: a step of two factors is two
# products, one after the other. And in all three, each letter waits for the one before.
#
# ## Try next
# - Give all three the same width of 64. How far apart are they now, in weights and in perplexity?
# - Make the rank 4. What can the gates still tell apart?
# - Cut into eight groups. Each hears an eighth of every letter's vector: what must the output layer do?
