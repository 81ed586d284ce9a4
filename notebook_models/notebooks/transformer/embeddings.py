# %% [markdown]
# # Embeddings
# A token is a number, and the number means nothing. It picks a row from a table, and the row is learned. The
# Transformer uses one table in three places: for the source, for the target, and, turned around, to score the next
# token.
#
# $$x_t = \sqrt{d_{\mathrm{model}}}\; E_t, \qquad \mathrm{logits} = h\,E^\top$$

# %% tokens
import torch
from torch.nn import functional as F

from notebook_models.plotting import heat_map, line_plot
from notebook_models.transformer.embeddings import TiedEmbedding
from notebook_models.transformer.positional_encoding import sinusoids

words = ["<pad>", "I", "love", "cats", "and", "dogs"]
tokens = torch.tensor([[1, 2, 3, 4, 5]])

torch.manual_seed(0)
embedding = TiedEmbedding(len(words), d_model=64)
{"in": tuple(embedding(tokens).shape), "out": tuple(embedding.logits(embedding(tokens)).shape)}

# %% [markdown]
# ## Both ways through one table
# Going in, a row stands for its token. Coming out, a vector is compared with every row. If nothing stood between, each
# word would recognize itself: its own row fits best.

# %% round-trip
probabilities = embedding.logits(embedding(tokens)).softmax(-1)[0]
heat_map(
    probabilities,
    rows=words[1:],
    columns=words,
    title="In and straight out again: every word finds its own row",
    alt="Probabilities of six tokens, one row for each of the five words that went in. The word itself has nearly all "
    "of the probability.",
    row_label="went in",
    column_label="comes out",
)

# %% [markdown]
# A model stands between, and learns to turn "I" into what fits the row of "love".
#
# ## Why the factor
# Rows of length one suit the way out: they keep the first scores moderate. On the way in they meet the positions, whose
# length grows with the width. Times $\sqrt{d_{\mathrm{model}}}$, a token keeps up with its place. This reason is ours:
# the paper gives none.

# %% lengths
widths = [16, 32, 64, 128, 256, 512]
tables = [TiedEmbedding(1000, width) for width in widths]
every = torch.arange(1000).unsqueeze(0)
line_plot(
    {
        "token, scaled": [table(every).norm(dim=-1).mean().item() for table in tables],
        "position": [sinusoids(1, width).norm().item() for width in widths],
        "token, as it is": [table.weight.norm(dim=-1).mean().item() for table in tables],
    },
    x=widths,
    x_label="width of the model",
    y_label="length of the vector",
    title="Without the factor, the token would drown in its position",
    alt="Lengths over widths from 16 to 512. Scaled tokens and positions both grow with the root of the width; tokens "
    "as they are in the table stay at length one.",
)

# %% [markdown]
# ## One gradient from two uses
# In training the table hears from both ends. A token that was read moves the row that was looked up. A token that had
# to be predicted moves every row: its own towards the model's vector, all others away.

# %% gradients
following = torch.tensor([[2, 3, 4, 5]])  # after each word but the last, the next one
model = torch.linalg.qr(torch.randn(64, 64)).Q  # a random rotation stands in for all that is between the two uses

F.cross_entropy(embedding.logits(embedding(tokens[:, :-1]) @ model).mT, following).backward()

lookup, scores = (embedding.weight.detach().clone().requires_grad_() for _ in range(2))
x = F.embedding(tokens[:, :-1], lookup) * 8
F.cross_entropy((x @ model @ scores.T).mT, following).backward()
{"largest difference to the sum": (embedding.weight.grad - lookup.grad - scores.grad).abs().max().item()}

# %% rows
moved = torch.stack([lookup.grad.norm(dim=-1), scores.grad.norm(dim=-1)])
heat_map(
    moved / moved.max(),
    rows=["read", "predicted"],
    columns=words,
    title="How strongly each use pulls at each row",
    alt="Length of the gradient of each token's row, by use. Reading moves the four words that were read; predicting "
    "moves every row, also that of the padding token.",
    row_label="use",
    column_label="row",
)

# %% [markdown]
# ## Try next
# - Leave the factor out and train a small [[Transformer]]. Does it still learn?
# - Which rows move when the same sentence is shown with other words to predict?
