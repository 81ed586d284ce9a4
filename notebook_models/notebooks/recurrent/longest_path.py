# %% [markdown]
# # Sequential computation
# PyTorch's autograd records which operation needs the result of which. The longest chain in this record is the part of
# a computation that no number of processors can make shorter. How does it grow with the sequence?

# %% layers
import torch
from torch import nn

from notebook_models.attention.self_attention import SelfAttention
from notebook_models.plotting import line_plot
from notebook_models.recurrent.factorized_lstm import FactorizedLSTM
from notebook_models.recurrent.linear_scan import linear_scan
from notebook_models.recurrent.longest_path import longest_path
from notebook_models.recurrent.lstm import LSTM
from notebook_models.recurrent.rnn import RNN
from notebook_models.transformer.transformer import Transformer

WIDTH, LENGTHS = 8, (8, 16, 32, 64, 128)
rnn, lstm, attention = RNN(WIDTH, WIDTH), LSTM(WIDTH, WIDTH), SelfAttention(WIDTH)
factor, added = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
layers = {
    "LSTM": lambda x: lstm(x).state,
    "plain": rnn,
    "linear recurrence, as a scan": lambda x: linear_scan(factor(x).sigmoid(), added(x)),
    "self-attention": lambda x: attention(x).output,
}

# %% measure
chains = {name: [longest_path(layer(torch.randn(2, n, WIDTH))) for n in LENGTHS] for name, layer in layers.items()}
{name: dict(zip(LENGTHS, counts, strict=True)) for name, counts in chains.items()}

# %% curves
line_plot(
    chains,
    x=[str(n) for n in LENGTHS],
    x_label="tokens in the sequence, doubled each time",
    y_label="operations in the longest chain",
    title="Recurrence waits for every token, a scan for every doubling, attention for none",
    alt="The longest chain of operations on a logarithmic scale, for 8 to 128 tokens. For LSTM and plain network it "
    "doubles with the length, for a scan it grows by the same step each time, for self-attention it is level.",
    log=True,
)

# %% [markdown]
# The heights depend on how the layers are written, and count for little. The slopes do not.
#
# ## Cheaper steps are no fewer
# Two thin matrices in the place of one make each step of an LSTM cheaper. The chain does not get shorter.

# %% cheaper
thin = FactorizedLSTM(WIDTH, WIDTH, rank=2)
{
    name: [longest_path(network(torch.randn(2, n, WIDTH)).state) for n in LENGTHS]
    for name, network in {"LSTM": lstm, "two factors": thin}.items()
}

# %% [markdown]
# ## A whole Transformer
# Source and target of 3 to 60 tokens, in training: the chain is as long for each. It is the number of layers that
# counts.

# %% transformer
{
    f"{n_layers} layers": {
        n: longest_path(model(torch.randint(1, 9, (2, n)), torch.randint(1, 9, (2, n)))) for n in (3, 15, 60)
    }
    for n_layers in (1, 2, 3)
    for model in [Transformer(9, 9, d_model=8, n_heads=2, n_layers=n_layers, d_ff=16)]
}

# %% [markdown]
# ## Try next
# - Stack two LSTMs. Is the chain twice as long? Draw what needs what, and see why not.
# - Write 10 tokens with `greedy`: how often does the decoder wait there? See [[Auto-Regressive Generation]].
# - Look at a GRU. Which of its operations stand in line, and which beside it?
