# %% [markdown]
# # Dropout
# While a network is trained, leave numbers out: each with probability $p$, another choice at every step. What is kept
# is raised by as much as is missing on average:
#
# $$y = \frac{x \odot m}{1 - p}, \qquad m_i = 0 \text{ with probability } p, \text{ else } 1$$
#
# In use nothing is left out, and $y = x$.

# %% masks
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.plotting import heat_maps, line_plot
from notebook_models.training.dropout import Dropout

torch.manual_seed(0)
ones, rates = torch.ones(6, 10), (0.1, 0.3, 0.5)
heat_maps(
    torch.stack([Dropout(p)(ones) for p in rates]),
    rows=[f"step {i}" for i in range(1, 7)],
    columns=[f"{i}" for i in range(1, 11)],
    names=[f"p = {p}" for p in rates],
    title="What becomes of ones: some are 0, the others more than before",
    alt="Ten ones after dropout at six steps, at rates 0.1, 0.3 and 0.5. More are zero at higher rates, and others at "
    "each step; those kept are 1.11, 1.43 and 2.",
    column_label="feature",
)

# %% [markdown]
# ## Mean and variance
# The mean stays, at every rate: the next layer sees numbers of the size it will see in use. What comes in is noise of
# variance $x^2 p / (1 - p)$. For $x = 2$, in 100,000 draws each:

# %% moments
for p in (0.1, 0.3, 0.5, 0.9):
    y = Dropout(p)(torch.full((100_000,), 2.0))
    print(f"p = {p}: mean {y.mean():.2f}, variance {y.var():5.2f}, by the formula {4 * p / (1 - p):5.2f}")

# %% [markdown]
# ## A training set that can be learned by heart
# Eight classes, each made of two clusters in 20 dimensions, with much noise. A hundred examples to learn from, and a
# network with 7,432 parameters. Once as it is, once with half of its inputs and half of its hidden units left out.

# %% training
N_CLASSES, WIDTH, HIDDEN = 8, 20, 256


def network(p: float) -> nn.Module:
    hidden = nn.Sequential(Dropout(p), nn.Linear(WIDTH, HIDDEN), nn.ReLU())
    return nn.Sequential(hidden, Dropout(p), nn.Linear(HIDDEN, N_CLASSES))


def draw(centers: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """Return n points around random centers, and the classes of these."""
    classes, clusters = torch.randint(N_CLASSES, (n,)), torch.randint(2, (n,))
    return centers[classes, clusters] + 1.5 * torch.randn(n, WIDTH), classes


def train(p: float, steps: int = 300) -> dict[str, list[float]]:
    """Return the loss on the examples and on 2,000 others, and the share of these that is right, every ten steps."""
    torch.manual_seed(0)
    centers = torch.randn(N_CLASSES, 2, WIDTH)
    (x, classes), (others, their_classes) = draw(centers, 100), draw(centers, 2000)
    model = network(p)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    history: dict[str, list[float]] = {"examples": [], "others": [], "right": []}
    for step in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model.train()(x), classes).backward()
        optimizer.step()
        if step % 10 == 9:
            with torch.no_grad():
                on_others, on_examples = model.eval()(others), model(x)
            history["examples"].append(F.cross_entropy(on_examples, classes).item())
            history["others"].append(F.cross_entropy(on_others, their_classes).item())
            history["right"].append((on_others.argmax(dim=-1) == their_classes).float().mean().item())
    return history


learned = {"without": train(0.0), "with dropout": train(0.5)}
{name: {what: round(values[-1], 2) for what, values in history.items()} for name, history in learned.items()}

# %% curves
line_plot(
    {f"{what}, {name}": learned[name][what] for name in learned for what in ("others", "examples")},
    x=list(range(10, 301, 10)),
    x_label="step",
    y_label="loss, measured in eval mode",
    title="Without dropout, what is learned by heart is paid for elsewhere",
    alt="Loss over 300 steps on 100 examples and on 2,000 others. Without dropout the first falls to zero and the "
    "second rises well above its lowest point; with dropout the first falls slowly and the second stays low.",
)

# %% [markdown]
# Without dropout the network becomes certain of all that it says, and on other examples much of that is wrong. With
# dropout it hardly ever sees an example twice in the same form, and can rely on no single number: any may be missing.
#
# ## Training and use
# `model.train()` and `model.eval()` decide. Forgetting the second is a common mistake, and a silent one: the answers
# are then random.

# %% modes
x = torch.randn(1, WIDTH)
modes = {"in training mode": network(0.5).train(), "in eval mode": network(0.5).eval()}
{f"the same answer twice, {mode}": torch.equal(model(x), model(x)) for mode, model in modes.items()}

# %% [markdown]
# ## Try next
# - Leave out hidden units alone, and all inputs in. How much of the gain remains after 300 steps?
# - Give both networks 5,000 examples. What is dropout worth now?
# - Measure the loss on the examples in training mode. Why is it higher than the one plotted?
