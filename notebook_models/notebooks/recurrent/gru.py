# %% [markdown]
# # Gated recurrent unit
# One gate does what two do in an LSTM. Where $z$ is 1 the old state stays, where it is 0 a candidate takes its place:
#
# $$h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t$$
#
# There are two variants, which differ in where the reset gate acts. Below both learn the same task, beside an LSTM.

# %% the-task
import torch
from torch import Tensor, nn

from notebook_models.plotting import heat_map, line_plot
from notebook_models.recurrent.gru import GRU
from notebook_models.recurrent.lstm import LSTM

LENGTH, D = 10, 16


def draw(batch: int, length: int = LENGTH) -> tuple[Tensor, Tensor]:
    """Return numbers from 0 to 1 with two of them marked, (batch, length, 2), and the sum of the marked ones."""
    numbers = torch.rand(batch, length)
    order = torch.rand(batch, length).argsort(dim=-1)[:, :2]
    marks = torch.zeros(batch, length).scatter(1, order, 1.0)
    return torch.stack([numbers, marks], dim=-1), (numbers * marks).sum(dim=-1)


# %% [markdown]
# The **adding problem**: a row of numbers, two of them marked. What is the sum of the two? All others must be passed
# by, and the first marked one must be held until the second comes.

# %% training
class Adder(nn.Module):
    """A network that reads, and a layer that names the sum from the last state."""

    def __init__(self, reader: nn.Module) -> None:
        super().__init__()
        self.reader, self.name = reader, nn.Linear(D, 1)

    def forward(self, x: Tensor) -> Tensor:
        states = self.reader(x)
        return self.name((states if isinstance(states, Tensor) else states.state)[:, -1])[:, 0]


torch.manual_seed(0)
networks = {"GRU, reset after": GRU(2, D), "GRU, reset before": GRU(2, D, reset="before"), "LSTM": LSTM(2, D)}
models = {name: Adder(reader) for name, reader in networks.items()}
errors: dict[str, list[float]] = {name: [] for name in models}
for name, model in models.items():
    torch.manual_seed(1)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(200):
        x, total = draw(64)
        loss = (model(x) - total).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        errors[name].append(loss.item())

# %% curves
line_plot(
    {name: torch.tensor(values).view(20, 10).mean(dim=1).tolist() for name, values in errors.items()},
    x=[10 * i + 10 for i in range(20)],
    x_label="step of the training",
    y_label="squared error; always saying 1 has 0.167",
    title="The two variants learn alike, with three quarters of an LSTM's weights",
    alt="Squared error over 200 steps of training, on a logarithmic scale. All three fall far below the error of a "
    "constant guess; the two variants of the GRU fall at about the same time.",
    log=True,
)

# %% sums
weights = {name: sum(p.numel() for p in network.parameters()) for name, network in networks.items()}
with torch.no_grad():
    x, total = draw(2000)
    error = {name: (model(x) - total).square().mean().item() for name, model in models.items()}
{name: f"error {error[name]:.4f}, {weights[name]:,} weights" for name in models}

# %% [markdown]
# ## The same weights, another answer
# A GRU that was trained with the reset after the product is of no use with the reset before it.

# %% exchanged
with torch.no_grad():
    trained, other = networks["GRU, reset after"], GRU(2, D, reset="before")
    other.load_state_dict(trained.state_dict())
    x, _ = draw(1)
    difference = trained(x)[0] - other(x)[0]
heat_map(
    difference.T,
    rows=[str(unit) for unit in range(D)],
    columns=[str(t) for t in range(LENGTH)],
    title="How far the states of the two variants are apart, with equal weights",
    alt="Differences of sixteen numbers of the state over ten steps, of either sign, up to a fifth. Most are there "
    "from the first step on, and grow.",
    row_label="unit",
    column_label="step",
)

# %% [markdown]
# Even at the first step they differ, where there is no state yet to reset. After the product, the reset gate falls on
# a bias too.
#
# ## Try next
# - Make the rows 40 long. Which of the three is first now?
# - Ask for the difference of the two marked numbers instead. Why is that harder?
# - Set the bias of the update gates to 3 at the start: what does the state do then?
