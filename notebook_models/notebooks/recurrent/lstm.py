# %% [markdown]
# # Long short-term memory
# Beside the state that it shows, an LSTM has a cell that it keeps. Nothing stands between one cell and the next but a
# factor and a sum:
#
# $$c_t = f_t \odot c_{t-1} + i_t \odot g_t, \qquad h_t = o_t \odot \tanh(c_t)$$
#
# The task is **delayed recall**. One of four signs is shown, then noise for 24 steps, then a mark that asks for the
# sign. All that lies between is of no use, and must not be let in.

# %% the-task
import torch
from torch import Tensor, nn

from notebook_models.plotting import heat_map, line_plot
from notebook_models.recurrent.lstm import LSTM
from notebook_models.recurrent.rnn import RNN

SIGNS, WAIT, NOISE = 4, 24, 2


def draw(batch: int, wait: int = WAIT) -> tuple[Tensor, Tensor]:
    """Return sequences, (batch, wait + 2, features), of a sign, noise and the question; and the signs."""
    sign = torch.randint(SIGNS, (batch,))
    x = torch.zeros(batch, wait + 2, SIGNS + NOISE + 1)
    x[torch.arange(batch), 0, sign] = 1
    x[:, 1:-1, SIGNS : SIGNS + NOISE] = torch.randn(batch, wait, NOISE)
    x[:, -1, -1] = 1
    return x, sign


class Recall(nn.Module):
    """A network that reads, and a layer that names the sign from the last state."""

    def __init__(self, reader: nn.Module, d_model: int) -> None:
        super().__init__()
        self.reader, self.name = reader, nn.Linear(d_model, SIGNS)

    def forward(self, x: Tensor) -> Tensor:
        states = self.reader(x)
        return self.name((states if isinstance(states, Tensor) else states.state)[:, -1])


def opened(d_model: int, bias: float) -> LSTM:
    """Return an LSTM whose forget gates begin with a bias: the cell keeps most of what it has."""
    lstm = LSTM(SIGNS + NOISE + 1, d_model)
    with torch.no_grad():
        lstm.read.bias.view(4, d_model)[1] = bias
    return lstm


# %% [markdown]
# Three networks learn it: a plain one, an LSTM as PyTorch's first random weights make it, and an LSTM whose forget
# gates begin open, with a bias of 5. Their first weights are random, their batches the same.

# %% training
D, STEPS = 16, 100
torch.manual_seed(0)
networks = {
    "plain": RNN(SIGNS + NOISE + 1, D),
    "LSTM": opened(D, 0.0),
    "LSTM, forget gates open": opened(D, 5.0),
}
models = {name: Recall(reader, D) for name, reader in networks.items()}
losses: dict[str, list[float]] = {name: [] for name in models}
for name, model in models.items():
    torch.manual_seed(1)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    for _ in range(STEPS):
        x, sign = draw(64)
        loss = nn.functional.cross_entropy(model(x), sign)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses[name].append(loss.item())

# %% curves
line_plot(
    losses,
    x=list(range(1, STEPS + 1)),
    x_label="step of the training",
    y_label="loss; a guess has 1.39",
    title="Over 24 steps of noise only the open gates learn to remember",
    alt="Loss over 100 steps of training. The plain network and the LSTM stay at the loss of a guess; the LSTM whose "
    "forget gates begin open falls to nearly zero.",
)

# %% recall
accuracy = {}
with torch.no_grad():
    for wait in (WAIT, 4 * WAIT):
        x, sign = draw(1000, wait)
        accuracy[wait] = {name: (model(x).argmax(-1) == sign).float().mean().item() for name, model in models.items()}
{f"{wait} steps": {name: f"{share:.0%}" for name, share in shares.items()} for wait, shares in accuracy.items()}

# %% [markdown]
# ## What the cell holds
# One sequence for each sign, without training on it. Shown is the cell's number that differs most between the signs,
# from the moment of the sign to that of the question.

# %% cells
with torch.no_grad():
    noise = draw(1)[0].repeat(SIGNS, 1, 1)
    noise[:, 0, :SIGNS] = torch.eye(SIGNS)
    cells = networks["LSTM, forget gates open"](noise).cell
part = int(cells[:, -1].std(dim=0).argmax())
heat_map(
    cells[:, :, part],
    rows=[f"sign {i + 1}" for i in range(SIGNS)],
    columns=[str(t) for t in range(WAIT + 2)],
    title="One number of the cell: noise goes by, and the sign still shows",
    alt="Four rows, one for each sign, over 26 steps. The rows draw apart from the start, two to positive numbers and "
    "two to negative ones, and none comes back.",
    column_label="step",
)

# %% [markdown]
# The cell need not stand still to remember. It is added to, and goes on in the direction that the sign has set.
#
# ## Try next
# - Give the second LSTM 600 steps. Does it find the open gates by itself?
# - Train on waits of 24 and ask after 300. What has become of the cell?
# - Show two signs, and ask for the first. Which gate must do more now?
