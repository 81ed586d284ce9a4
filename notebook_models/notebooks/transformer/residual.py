# %% [markdown]
# # Residual connections
# A sub-layer does not replace its input. It adds a change to it:
#
# $$x + F(x), \qquad \frac{\partial}{\partial x}\bigl(x + F(x)\bigr) = I + \frac{\partial F}{\partial x}$$
#
# The identity in the derivative is a way back that no layer can block.

# %% layers
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.plotting import line_plot
from notebook_models.transformer.feed_forward import FeedForward
from notebook_models.transformer.residual import Residual

WIDTH = 16


class Stack(nn.Module):
    """Feed-forward networks on top of each other, each within a residual connection, or each replacing its input."""

    def __init__(self, depth: int, connected: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleList(FeedForward(WIDTH, 2 * WIDTH) for _ in range(depth))
        self.residuals = nn.ModuleList(Residual(WIDTH, norm="pre") for _ in range(depth))
        self.connected = connected

    def forward(self, x: Tensor) -> Tensor:
        for layer, residual in zip(self.layers, self.residuals, strict=True):
            change = layer(residual.read(x))
            x = residual.add(x, change) if self.connected else change
        return x


# %% [markdown]
# ## How far a gradient gets
# At the top, a gradient of fixed size. How much of it arrives at the bottom? Both stacks normalize the input of each
# layer, so it is not the size of the numbers that differs. It is the way around.

# %% gradients
depths = [1, 2, 4, 8, 12, 16, 20, 24]


def arriving(depth: int, connected: bool) -> float:
    """Return the length of the gradient at the input, for one of length 1 at the output."""
    torch.manual_seed(0)
    stack, x = Stack(depth, connected), torch.randn(64, 1, WIDTH, requires_grad=True)
    probe = F.normalize(torch.randn(64, 1, WIDTH), dim=-1)
    (gradient,) = torch.autograd.grad((stack(x) * probe).sum(), x)
    return gradient.norm(dim=-1).mean().item()


arrived = {
    "with the connection": [arriving(depth, True) for depth in depths],
    "without": [arriving(depth, False) for depth in depths],
}
line_plot(
    arrived,
    x=depths,
    x_label="layers",
    y_label="length of the gradient at the input",
    title="With the connection the gradient arrives whole",
    alt="Length of the gradient at the input over 1 to 24 layers, on a logarithmic scale. With the connection it stays "
    "near one; without it falls below a hundredth.",
    log=True,
)

# %% [markdown]
# ## Twenty-four layers
# Now let both learn the same thing: to reverse the order of a vector's features. A single layer could do it.


# %% training
def losses(connected: bool, steps: int = 120) -> list[float]:
    torch.manual_seed(0)
    stack = Stack(24, connected)
    optimizer = torch.optim.Adam(stack.parameters(), lr=3e-3)
    history = []
    for _ in range(steps):
        x = torch.randn(64, 1, WIDTH)
        loss = F.mse_loss(stack(x), x.flip(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    return history


learned = {"with the connection": losses(True), "without": losses(False)}
{name: round(history[-1], 3) for name, history in learned.items()}

# %% curves
line_plot(
    learned,
    x=list(range(1, 121)),
    x_label="step",
    y_label="mean squared error",
    title="Twenty-four layers learn with the connection, and stand still without",
    alt="Error over 120 steps of two stacks of 24 layers. With the connection it falls steadily; without it stays at "
    "about one, the error of answering zero.",
)

# %% [markdown]
# ## Before or after
# The paper normalizes after the sum (`norm="post"`). Then a silent sub-layer is no longer the identity: what passes is
# normalized on the way. With the norm before the sub-layer, it passes untouched.

# %% silent
x = torch.randn(1, 3, WIDTH)
silence = torch.zeros_like(x)
{norm: torch.equal(Residual(WIDTH, norm=norm).add(x, silence), x) for norm in ("post", "pre")}

# %% [markdown]
# ## Try next
# - How deep can the stack without the connection be, and still learn?
# - Use `norm="post"` in the stack. What does the gradient at the input do now?
