# %% [markdown]
# # Recurrent network
# One element at a time, and one state that is rewritten at each step:
#
# $$h_t = \tanh(W x_t + U h_{t-1} + b)$$
#
# First a network whose weights are set by hand, so that each number of its state can be read. Then one that must find
# its weights itself, and what it finds hard.

# %% by-hand
import torch
from torch import Tensor, nn

from notebook_models.plotting import heat_map, line_plot
from notebook_models.recurrent.rnn import RNN

parity = RNN(1, 2)
with torch.no_grad():
    parity.read.weight.fill_(20.0)
    parity.carry.weight.copy_(torch.tensor([[10.0, -10.0], [10.0, -10.0]]))
    parity.read.bias.copy_(torch.tensor([-10.0, -30.0]))
    parity.carry.bias.zero_()

# %% [markdown]
# Two units tell whether the number of ones so far is odd. The first asks "is the last answer or the new bit a one?",
# the second "are both?". One or the other, and not both: their difference is the new answer.

# %% parity
bits = [1, 0, 1, 1, 0, 0, 1, 0, 1, 1]
states = parity(torch.tensor(bits, dtype=torch.float32)[None, :, None], -torch.ones(1, 2))[0].detach()
odd = (states[:, 0] - states[:, 1]) / 2
heat_map(
    torch.stack([states[:, 0], states[:, 1], odd]),
    rows=["either", "both", "odd?"],
    columns=[str(bit) for bit in bits],
    title="Two numbers are handed on, and they are enough for any length",
    alt="Ten bits from left to right. Below each the two numbers of the state, minus one or one, and half of their "
    "difference, which is one where the number of ones so far is odd.",
    column_label="bit read",
)

# %% [markdown]
# ## Learned
# The next network is told nothing. It reads random bits and must say, at each step, which bit it read 1, 2, 4, 8 and 16
# steps ago: an **echo**. The bits it must keep for later are all in one state, and each new bit pushes in.

# %% training
DELAYS, LENGTH = (1, 2, 4, 8, 16), 24


class Echo(nn.Module):
    """A recurrent network, and for each delay a reading of its state."""

    def __init__(self, d_model: int = 48) -> None:
        super().__init__()
        self.rnn, self.answer = RNN(1, d_model), nn.Linear(d_model, len(DELAYS))

    def forward(self, bits: Tensor) -> Tensor:
        """Return the logit that each earlier bit was a one, (batch, time, delay)."""
        return self.answer(self.rnn(2 * bits[..., None] - 1))


def wrong(logits: Tensor, bits: Tensor) -> Tensor:
    """Return the loss of each delay, over the steps that have a bit so far back."""
    pairs = [(logits[:, d:, i], bits[:, :-d]) for i, d in enumerate(DELAYS)]
    return torch.stack([nn.functional.binary_cross_entropy_with_logits(*pair) for pair in pairs])


torch.manual_seed(0)
model, history = Echo(), []
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for _ in range(160):
    bits = torch.randint(2, (64, LENGTH)).float()
    losses = wrong(model(bits), bits)
    optimizer.zero_grad()
    losses.sum().backward()
    optimizer.step()
    history.append(losses.detach())

# %% curves
told = torch.stack(history).view(16, 10, -1).mean(dim=1)
line_plot(
    {f"{d} back": told[:, i].tolist() for i, d in enumerate(DELAYS)},
    x=[10 * i + 10 for i in range(16)],
    x_label="step of the training",
    y_label="loss of the echo; a guess has 0.69",
    title="What is near is learned first, and what is far late or not at all",
    alt="Loss of five echoes over the training. Those of 1, 2 and 4 steps back fall to nearly zero one after another, "
    "that of 8 steps back last of all, and that of 16 stays at the loss of a guess.",
)

# %% [markdown]
# All five questions are about bits that have been read. The order in which they are learned is that of the distance:
# the gradient of a far one passes more steps, and less of it arrives.

# %% echo
with torch.no_grad():
    bits = torch.randint(2, (512, LENGTH)).float()
    guesses = model(bits) > 0
right = {d: (guesses[:, d:, i] == bits[:, :-d].bool()).float().mean().item() for i, d in enumerate(DELAYS)}
{f"{d} back": f"{share:.1%} right" for d, share in right.items()}

# %% [markdown]
# ## Try next
# - Give it 200 steps more. Which echo is learned next? Then ask for 24 steps back.
# - Halve the width. How many bits can the state hold?
# - Put an LSTM in the place of the RNN: it has a cell to keep things in. See [[LSTM]].
