# %% [markdown]
# # Label smoothing
# The right answer is asked for with less than certainty. A share $\varepsilon$ of the target is taken from it and
# spread over all $K$ tokens, itself included:
#
# $$q(k) = (1 - \varepsilon)\,[k = \text{target}] + \frac{\varepsilon}{K}, \qquad
# L = -\sum_k q(k) \log p(k)$$

# %% targets
import math
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from notebook_models.plotting import heat_maps, line_plot
from notebook_models.training.label_smoothing import LabelSmoothing, smoothed

words = ["the", "cat", "sat", "on", "a", "mat"]
sentence = ["the", "cat", "sat", "on", "the", "mat"]
tokens = torch.tensor([words.index(word) for word in sentence])
rates = (0.0, 0.1, 0.4)
heat_maps(
    torch.stack([smoothed(tokens, len(words), rate) for rate in rates]),
    rows=sentence,
    columns=words,
    names=[f"ε = {rate}" for rate in rates],
    title="What the model is asked for, at each word of a sentence",
    alt="Targets for six words over a vocabulary of six, at three rates. Without smoothing each row has a single 1; at "
    "0.1 it is 0.92 and all others are 0.02; at 0.4 it is 0.67 and all others are 0.07.",
    row_label="right word",
    column_label="vocabulary",
)

# %% [markdown]
# ## Confidence has a best value
# Let the model give the right one of ten tokens the probability $p$, and the other nine equal parts of the rest.
# Without smoothing more confidence is always better. With it, the loss is least where $p = q$, and beyond that, being
# surer costs more.

# %% confidence
K = 10
confidences = torch.linspace(0.5, 0.9995, 200, dtype=torch.float64)
answers = torch.cat([confidences[:, None], ((1 - confidences) / (K - 1))[:, None].expand(-1, K - 1)], dim=1)
right = torch.zeros(1, dtype=torch.long)
losses = {
    f"ε = {rate}": [LabelSmoothing(rate)(row[None].log(), right).item() for row in answers] for rate in (0.0, 0.1, 0.3)
}
best = {name: confidences[torch.tensor(line).argmin()].item() for name, line in losses.items()}
line_plot(
    losses,
    x=confidences.tolist(),
    x_label="probability of the right token",
    y_label="loss",
    title="Smoothed, the loss turns around before certainty",
    alt="Loss against the probability of the right token, from 0.5 to 1. Without smoothing it falls to zero; at 0.1 it "
    "is least at 0.91, at 0.3 at 0.73, and both rise steeply towards 1.",
)

# %% [markdown]
# The gradient says the same: at the logits it is $p - q$. Once $p$ has passed $q$, it pushes back.
#
# ## What it costs: perplexity
# Now a source whose probabilities are known: twelve tokens, each drawn given the one before. A table of logits learns
# from 8,000 tokens, many for each of its numbers, so little is learned by heart. Measured is the *plain* loss on
# other tokens, and perplexity is its exponential.

# %% source
torch.manual_seed(0)
N_TOKENS = 12
source = (2 * torch.randn(N_TOKENS, N_TOKENS)).softmax(dim=-1)


def draw(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return n tokens, and to each the token that follows it."""
    before = torch.randint(N_TOKENS, (n,))
    return before, torch.multinomial(source[before], 1).squeeze(1)


(before, after), (other_before, other_after) = draw(8_000), draw(20_000)


def learned_table(rate: float) -> torch.Tensor:
    """Return the probabilities that 80 steps teach with this rate."""
    logits, loss = nn.Parameter(torch.zeros(N_TOKENS, N_TOKENS)), LabelSmoothing(rate)
    optimizer = torch.optim.Adam([logits], lr=0.2)
    for _ in range(80):
        optimizer.zero_grad()
        loss(logits[before], after).backward()
        optimizer.step()
    return logits.detach().softmax(dim=-1)


some_rates = [0.0, 0.1, 0.2, 0.3, 0.4]
tables = [learned_table(rate) for rate in some_rates]
perplexity = [F.nll_loss(table[other_before].log(), other_after).exp().item() for table in tables]
accuracy = [(table[other_before].argmax(dim=-1) == other_after).float().mean().item() for table in tables]
smoothed_source = [(1 - rate) * source + rate / N_TOKENS for rate in some_rates]
by_formula = [F.nll_loss(table[other_before].log(), other_after).exp().item() for table in smoothed_source]
for rate, *values in zip(some_rates, perplexity, accuracy, strict=True):
    print(f"ε = {rate}  perplexity {values[0]:.3f}, right {values[1]:.1%}")

# %% perplexity
line_plot(
    {"learned with ε": perplexity, "the source itself, smoothed by ε": by_formula},
    x=some_rates,
    x_label="ε",
    y_label="perplexity on other tokens",
    title="Where nothing is learned by heart, smoothing only costs",
    alt="Perplexity against the rate, from 0 to 0.4. It rises at every step, ever faster; the learned tables follow "
    "the line of the smoothed source closely.",
)

# %% [markdown]
# The table learns what it is asked for: the source, smoothed. The likeliest token is the same one, so as many answers
# are right as before. But each has a part of its probability taken away.
#
# ## What it gains: confidence that can be believed
# Most networks are not so lucky. Here a hundred noisy examples of eight classes, and a network that can learn them by
# heart. Afterwards 4,000 others: how sure is it, and how often right?

# %% training
N_CLASSES, WIDTH, HIDDEN = 8, 20, 256


def examples(centers: torch.Tensor, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return n points around random centers, and the classes of these."""
    classes, clusters = torch.randint(N_CLASSES, (n,)), torch.randint(2, (n,))
    return centers[classes, clusters] + 1.5 * torch.randn(n, WIDTH), classes


def answers_of_a_network(rate: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the probabilities that a trained network gives for examples it has not seen, and their classes."""
    torch.manual_seed(0)
    centers = torch.randn(N_CLASSES, 2, WIDTH)
    (x, classes), (others, their_classes) = examples(centers, 100), examples(centers, 4000)
    model = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, N_CLASSES))
    loss, optimizer = LabelSmoothing(rate), torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(300):
        optimizer.zero_grad()
        loss(model(x), classes).backward()
        optimizer.step()
    return model(others).detach().softmax(dim=-1), their_classes


def measured(p: torch.Tensor, classes: torch.Tensor) -> dict[str, float]:
    sure, said = p.max(dim=-1)
    loss = F.nll_loss(p.log(), classes).item()
    is_right = (said == classes).float().mean().item()
    return {"mean confidence": sure.mean().item(), "right": is_right, "perplexity": math.exp(loss)}


networks = {f"ε = {rate}": answers_of_a_network(rate) for rate in (0.0, 0.1, 0.4)}
calibration = {name: measured(*answered) for name, answered in networks.items()}
{name: {what: round(value, 2) for what, value in values.items()} for name, values in calibration.items()}

# %% calibration
bands = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def right_by_confidence(p: torch.Tensor, classes: torch.Tensor) -> list[float]:
    """Return the share that is right of the answers in each band of confidence."""
    sure, said = p.max(dim=-1)
    inside = [(sure > low) & (sure <= high) for low, high in pairwise(bands)]
    return [(said == classes)[band].float().mean().item() for band in inside]


reliability = {name: right_by_confidence(*answered) for name, answered in networks.items()}
middles = [(low + high) / 2 for low, high in pairwise(bands)]
line_plot(
    {**reliability, "as sure as right": middles},
    x=[f"{low:.0%} to {high:.0%}" for low, high in pairwise(bands)],
    x_label="how sure the network is of its answer",
    y_label="share of these answers that is right",
    title="Nearly certain, and right six times in ten: without smoothing",
    alt="Share of right answers in bands of confidence from 40 % to 100 %. Without smoothing the line lies far below "
    "that of being as sure as right; with 0.1 the two nearly agree; with 0.4 it lies above.",
)

# %% [markdown]
# Without smoothing, a network that is right on all its hundred examples goes on raising its logits, and is as sure of
# new ones, right or wrong. Smoothing at 0.1 takes that away, and its perplexity is better for it. At 0.4 it takes too
# much: now the network is less sure than it could be. No more answers are right with one than with the other.
#
# ## Try next
# - Give the network 400 examples, and then 5,000. Which rate is best calibrated now, and which is right most often? -
#   Divide the logits of the network without smoothing by 3, and draw its line again. What is left to gain? - Smooth
#   with the frequencies of the tokens instead of $1 / K$. What does the table learn then?
