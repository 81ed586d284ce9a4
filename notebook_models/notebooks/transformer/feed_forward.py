# %% [markdown]
# # The feed-forward network
# Attention moves things between positions. What it brought is then worked on at each position alone: widen, cut off
# what is negative, narrow.
#
# $$\mathrm{FFN}(x) = \max(0,\; x W_1 + b_1)\, W_2 + b_2$$

# %% network
import torch
from torch import nn
from torch.autograd.functional import jacobian
from torch.nn import functional as F

from notebook_models.plotting import heat_map, line_plot
from notebook_models.transformer.feed_forward import FeedForward

torch.manual_seed(0)
words = ["I", "love", "cats", "and", "dogs"]
x = torch.randn(1, len(words), 8)
feed_forward = FeedForward(d_model=8, d_ff=32)
{"in": tuple(x.shape), "hidden": tuple(feed_forward.hidden(x).shape), "out": tuple(feed_forward(x).shape)}

# %% [markdown]
# ## Each position alone
# Which inputs can change which outputs? The derivative of every output by every input answers for all at once.

# %% dependence
reach = jacobian(feed_forward, x)[0, :, :, 0].abs().amax(dim=(1, 3))
heat_map(
    reach / reach.max(),
    rows=words,
    columns=words,
    title="No word hears of another: only the diagonal is not zero",
    alt="Largest derivative of each word's output by each word's input, relative to the largest of all. The diagonal "
    "is filled, everything else is exactly zero.",
    row_label="output",
    column_label="input",
)

# %% [markdown]
# The same weights at every position, and no look to the left or right: that is a convolution with a kernel of size 1.
# PyTorch's agrees to the last bits.

# %% convolutions
widen, narrow = nn.Conv1d(8, 32, kernel_size=1), nn.Conv1d(32, 8, kernel_size=1)
widen.load_state_dict({"weight": feed_forward.hidden.weight.unsqueeze(-1), "bias": feed_forward.hidden.bias})
narrow.load_state_dict({"weight": feed_forward.output.weight.unsqueeze(-1), "bias": feed_forward.output.bias})
{"largest difference": (narrow(widen(x.mT).relu()).mT - feed_forward(x)).abs().max().item()}

# %% [markdown]
# ## What the width is for
# Each hidden unit is a hinge: zero on one side of a plane, rising on the other. The second layer adds hinges up. With
# one number in and one out, this can be seen. Eight hinges make a rough copy of a curve, and thirty-two a good one.

# %% curve
grid = torch.linspace(-3, 3, 121)
curve = (2 * grid).sin() * (1 - grid.abs() / 4)


def fit(d_ff: int, steps: int = 600) -> torch.Tensor:
    """Return what a network of this width makes of the grid after learning the curve."""
    torch.manual_seed(2)
    network = FeedForward(1, d_ff)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(network(grid.unsqueeze(-1)).squeeze(-1), curve).backward()
        optimizer.step()
    return network(grid.unsqueeze(-1)).squeeze(-1).detach()


fitted = {f"{d_ff} hidden units": fit(d_ff) for d_ff in (8, 32)}
{name: F.mse_loss(y, curve).item() for name, y in fitted.items()}

# %% hinges
line_plot(
    {"the curve": curve.tolist(), **{name: y.tolist() for name, y in fitted.items()}},
    x=grid.tolist(),
    x_label="input",
    y_label="output",
    title="A curve made of hinges",
    alt="A smooth wave, and two networks that learned it. With 8 hidden units the copy consists of a few straight "
    "pieces; with 32 it can hardly be told from the curve.",
)

# %% [markdown]
# ## Where the parameters are
# In the base model $d_{\mathrm{model}} = 512$ and $d_{\mathrm{ff}} = 2048$. That is two thirds of an encoder layer.

# %% parameters
with torch.device("meta"):
    size = sum(parameter.numel() for parameter in FeedForward(512, 2048).parameters())
size

# %% [markdown]
# ## Try next
# - Fit with other seeds. Hinges that start badly can get stuck, so 8 may do worse than here, and 32 now and then too.
# - Repeat one word in the sentence. What happens to its two outputs?
# - Take the ReLU away. How many of the 2,048 hidden units are then worth their place?
