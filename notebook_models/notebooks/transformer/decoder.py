# %% [markdown]
# # The decoder
# A decoder layer asks three questions: what have I written, what does the source say, and what follows from both?
#
# $$U = \mathrm{Norm}\bigl(Y + \mathrm{MaskedMultiHead}(Y, Y, Y)\bigr), \quad
# V = \mathrm{Norm}\bigl(U + \mathrm{MultiHead}(U, H, H)\bigr), \quad
# Z = \mathrm{Norm}\bigl(V + \mathrm{FFN}(V)\bigr)$$
#
# $Y$ is the target so far, $H$ what the [[Encoder]] made of the source.

# %% decoder
import torch
from torch.autograd.functional import jacobian

from notebook_models.attention.masks import causal_mask
from notebook_models.plotting import heat_maps, mask_picture
from notebook_models.training import number_words
from notebook_models.transformer.decoder import Decoder

torch.manual_seed(0)
decoder = Decoder(d_model=32, n_heads=4, n_layers=2, d_ff=64).eval()
y, memory = torch.randn(1, 5, 32), torch.randn(1, 4, 32)
{"target": tuple(y.shape), "source": tuple(memory.shape), "out": tuple(decoder(y, memory).output.shape)}

# %% [markdown]
# ## What goes in, and what must come out
# The target goes in behind a start token, so that each position is asked for the token to its right. It may read itself
# and what is to its left. The answer stands one place further.

# %% mask
goes_in = ["<start>", "3", "4", "2", "8"]
comes_out = ["3", "4", "2", "8", "<end>"]
mask_picture(
    causal_mask(5),
    rows=[f"{token} \u2192 {answer}" for token, answer in zip(goes_in, comes_out, strict=True)],
    columns=goes_in,
    title="Each position reads up to itself, and must name the next token",
    alt="The causal mask over start, 3, 4, 2, 8. Each row may read its own column and those to its left.",
    row_label="goes in \u2192 must come out",
    column_label="may be read",
)

# %% [markdown]
# ## Is it causal?
# The derivative of every output by every input decides. Nothing may be above the diagonal; something must be on it and
# below. For comparison, the same layer without its mask.

# %% dependence
layer = decoder.layers[0]


def reach(mask: torch.Tensor | None) -> torch.Tensor:
    """Return how strongly each output of the layer depends on each input, relative to the strongest."""
    derivative = jacobian(lambda y: layer(y, layer.start(memory), mask).output, y)
    strength = derivative[0, :, :, 0].abs().amax(dim=(1, 3))
    return strength / strength.max()


heat_maps(
    torch.stack([reach(causal_mask(5)), reach(None)]),
    rows=goes_in,
    columns=goes_in,
    names=["with the mask", "without"],
    title="With the mask, no output depends on a later input",
    alt="Largest derivative of each position's output by each position's input, with and without the mask. With it, "
    "all values above the diagonal are exactly zero; without it, none is.",
    row_label="output",
    column_label="input",
)

# %% [markdown]
# ## Reading both
# The recorded model's decoder has learned to turn number words into digits. Its last layer, averaged over heads, while
# it is given "three hundred forty two thousand seven" and the digits so far:

# %% self-attention
model = number_words.load()
number = 342_007
source = number_words.words(number)
target = number_words.encode_digits([number])[:, :-1]
decoded = model.decode(target, model.encode(number_words.encode_words([source])), need_weights=True)
goes_in = ["<start>", *str(number)]
steps = [f"{token} \u2192 {answer}" for token, answer in zip(goes_in, [*str(number), "<end>"], strict=True)]
heat_maps(
    decoded.self_weights[-1][0].mean(0, keepdim=True),
    rows=steps,
    columns=goes_in,
    names=["masked self-attention"],
    title="What has been written is read without a look ahead",
    alt="Weights over the start token and the six digits, averaged over heads. Everything above the diagonal is zero.",
    row_label="goes in \u2192 comes out",
    column_label="so far",
)

# %% cross-attention
heat_maps(
    decoded.cross_weights[-1][0].mean(0, keepdim=True),
    rows=steps,
    columns=source.split(),
    names=["cross-attention"],
    title="And of the source, each digit reads the word that decides it",
    alt="Weights over the six source words, averaged over heads. The digits 3, 4 and 2 read three, forty and two; both "
    "zeros read thousand; 7 reads seven. The end, which no word decides, reads the first word and the last.",
    row_label="goes in \u2192 comes out",
    column_label="source",
)

# %% [markdown]
# ## Going on
# Since no output depends on what comes later, what was computed stays true. A cache keeps each layer's keys and values,
# and the next position is computed alone. See [[Key-Value Cache]].

# %% cache
first = decoder(y[:, :3], memory)
rest = decoder.extend(y[:, 3:], first.cache)
in_parts = torch.cat([first.output, rest.output], dim=1)
{
    "kept": f"{first.cache.length} positions, then {rest.cache.length}",
    "largest difference to one pass": (in_parts - decoder(y, memory).output).abs().max().item(),
}

# %% [markdown]
# ## Try next
# - Change the mask to `torch.ones(5, 5, dtype=torch.bool).tril(1)`, one place too far. What would a model trained with
#   it learn?
# - Which digit does the model find hard to place? Look at the rows of the zeros.
