# %% [markdown]
# # Gradient flow
# How far does the last output move when an element of the sequence moves? For each element $x_t$ of a sequence, take
# the norm of the gradient
#
# $$\left\lVert \frac{\partial\,(p \cdot h_T)}{\partial x_t} \right\rVert$$
#
# along a random direction $p$. Learning can change weights only as far as this number lets it know of a mistake.

# %% layers
import torch
from torch import nn

from notebook_models.attention.self_attention import SelfAttention
from notebook_models.plotting import line_plot
from notebook_models.recurrent.gradient_flow import gradient_flow
from notebook_models.recurrent.gru import GRU
from notebook_models.recurrent.lstm import LSTM
from notebook_models.recurrent.rnn import RNN

torch.manual_seed(0)
WIDTH, LENGTH = 32, 50
lstm, attention = LSTM(WIDTH, WIDTH).double(), SelfAttention(WIDTH).double()
layers = {
    "plain": RNN(WIDTH, WIDTH).double(),
    "LSTM": lambda x: lstm(x).state,
    "GRU": GRU(WIDTH, WIDTH).double(),
    "self-attention": lambda x: attention(x).output,
}

# %% [markdown]
# All four are as PyTorch's first random weights make them. Nothing has been learned: this is what learning begins with.

# %% measure
x = torch.randn(64, LENGTH, WIDTH, dtype=torch.float64)
flows = {name: gradient_flow(layer, x) for name, layer in layers.items()}
{name: f"first {flow[0]:.1e}, last {flow[-1]:.1e}" for name, flow in flows.items()}

# %% curves
line_plot(
    {name: flow.tolist() for name, flow in flows.items()},
    x=list(range(1, LENGTH + 1)),
    x_label="element of the sequence",
    y_label="gradient from the last output",
    title="What recurrent layers hear of the beginning, and what attention hears",
    alt="Gradient norms on a logarithmic scale over 50 elements. For the plain network, the LSTM and the GRU they rise "
    "from nearly nothing at the first element as a straight line to the last. For self-attention they are level.",
    log=True,
)

# %% [markdown]
# A straight line on this scale is a constant factor at each step. Gates change the factor. They do not change that
# there is one for every step.
#
# ## Gates that begin open
# The bias of an LSTM's forget gates sets how much of its cell stays. At 0 it is a half; at 2, 0.88; at 5, 0.993.

# %% gates
def opened(bias: float) -> nn.Module:
    """Return an LSTM whose forget gates begin with a bias."""
    torch.manual_seed(0)
    network = LSTM(WIDTH, WIDTH).double()
    with torch.no_grad():
        network.read.bias.view(4, WIDTH)[1] = bias
    return network


networks = {f"bias {bias}": opened(bias) for bias in (0, 2, 5)}
flows_by_bias = {name: gradient_flow(lambda x, n=network: n(x).state, x) for name, network in networks.items()}
line_plot(
    {name: flow.tolist() for name, flow in flows_by_bias.items()},
    x=list(range(1, LENGTH + 1)),
    x_label="element of the sequence",
    y_label="gradient from the last output",
    title="An LSTM hears further back when its forget gates begin open",
    alt="Gradient norms on a logarithmic scale for LSTMs with forget biases 0, 2 and 5. The higher the bias, the more "
    "reaches the first of 50 elements.",
    log=True,
)

# %% [markdown]
# ## Try next
# - Multiply all weights of the plain network by 3. Which way do the curves go now, and how far?
# - Give self-attention a causal mask. Does the first element lose anything?
# - Stack two LSTMs. Is the slope of the line the same?
