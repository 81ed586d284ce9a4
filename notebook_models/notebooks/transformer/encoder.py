# %% [markdown]
# # The encoder
# A layer of the encoder does two things. First every position reads every position, then each works on what it has
# read:
#
# $$U = \mathrm{LayerNorm}\bigl(X + \mathrm{MultiHead}(X, X, X)\bigr), \qquad
# Z = \mathrm{LayerNorm}\bigl(U + \mathrm{FFN}(U)\bigr)$$
#
# What comes out has the shape of what went in, so layers can be stacked.

# %% encoder
import torch
from torch.autograd.functional import jacobian

from notebook_models.plotting import heat_map, heat_maps, line_plot
from notebook_models.training import number_words
from notebook_models.transformer.encoder import Encoder

torch.manual_seed(0)
words = ["I", "love", "cats", "and", "dogs"]
x = torch.randn(1, len(words), 32)
encoder = Encoder(d_model=32, n_heads=4, n_layers=2, d_ff=64).eval()
{"in": tuple(x.shape), "out": tuple(encoder(x).output.shape)}

# %% [markdown]
# ## Both directions
# There is no mask: the source is complete before anything is written. So every output depends on every input, on those
# after it as on those before it.

# %% dependence
reach = jacobian(lambda x: encoder(x).output, x)[0, :, :, 0].abs().amax(dim=(1, 3))
heat_map(
    reach / reach.max(),
    rows=words,
    columns=words,
    title="Every word depends on every other, left and right",
    alt="Largest derivative of each word's output by each word's input, relative to the largest of all. It is largest "
    "on the diagonal, and not zero anywhere.",
    row_label="output",
    column_label="input",
)

# %% [markdown]
# The diagonal stands out because of the residual connections: a word hears itself directly, and others through
# attention.
#
# ## What it learns to look at
# An encoder from the recorded [[Transformer]] that turns number words into digits. To know its place, a digit word has
# to find out what follows: "three" alone is 3, but three *hundred* is another thing.

# %% heads
model = number_words.load()
text = "three hundred forty two thousand seven"
encoded = model.encode(number_words.encode_words([text]), need_weights=True)
heat_maps(
    encoded.weights[0][0],
    rows=text.split(),
    columns=text.split(),
    names=[f"head {head}" for head in range(1, 5)],
    title="First layer: four heads look at the same words in four ways",
    alt="Self-attention weights of the four heads of the first encoder layer, six words by six words, each head with a "
    "pattern of its own.",
    row_label="query",
    column_label="key",
)

# %% [markdown]
# ## A word in company
# The two words "three" in "three hundred three" are one row of the embedding table. Follow them upwards: how alike are
# their vectors after each layer?

# %% company
tokens = number_words.encode_words(["three hundred three"])
stages = {"embedding": model.source_embedding(tokens)}
stages["with position"] = model.source_positions(stages["embedding"])
for number, layer in enumerate(model.encoder.layers, start=1):
    stages[f"layer {number}"] = layer(list(stages.values())[-1]).output
alike = [torch.cosine_similarity(x[0, 0], x[0, 2], dim=0).item() for x in stages.values()]
line_plot(
    {"first and second three": alike},
    x=list(stages),
    x_label="stage",
    y_label="cosine of their vectors",
    title="The same word twice, and less alike with every stage",
    alt="Cosine between the vectors of the two words three: one at the embedding, lower once positions are added, and "
    "lower still after the encoder's layers.",
)

# %% [markdown]
# ## Padding
# Sentences of a batch are filled up to one length. The mask keeps the filling out, whatever it holds.

# %% padding
filled = torch.cat([x, torch.randn(1, 3, 32)], dim=1)
mask = torch.tensor([[[True] * 5 + [False] * 3]])
{"largest difference": (encoder(filled, mask).output[:, :5] - encoder(x).output).abs().max().item()}

# %% [markdown]
# ## Try next
# - Leave the mask out. How far do the five words move?
# - Look at `encoded.weights[1]`, the second layer. Which head finds "thousand"?
