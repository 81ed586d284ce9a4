# %% [markdown]
# # Scaled dot-product attention
# A dictionary answers a key it knows with one value, and any other key with an error. Attention is a dictionary that
# never fails: every key answers, as loudly as it fits the question, and the values come back blended.
#
# $$\mathrm{Attention}(Q, K, V) = \mathrm{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right)V$$
#
# A dot product of a query and a key says how well they fit. The softmax turns these scores into shares of one whole.

# %% look-up
import math

import torch

from notebook_models.attention.scaled_dot_product import scaled_dot_product_attention
from notebook_models.plotting import heat_map, heat_maps, line_plot

tokens = ["I", "love", "cats", "and", "dogs"]
features = torch.tensor([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
questions = {"someone?": features[0], "a feeling?": features[1], "an animal?": features[2], "anything?": torch.zeros(4)}

query = 6 * torch.stack(list(questions.values()))
attended = scaled_dot_product_attention(query, key=features, value=features)

# %% [markdown]
# The keys say what each token is: someone, a feeling, an animal or a joining word. Three queries ask for one of these.
# Where one key fits, it gets most of the weight; where two fit, they share it. The last query is zero, fits nothing
# better than anything else, and gets the plain average.

# %% weights
heat_map(
    attended.weights,
    rows=list(questions),
    columns=tokens,
    title="Keys that fit a query share its attention",
    alt="Attention weights of four queries over the tokens I love cats and dogs. The query for an animal gives cats "
    "and dogs the same large weight; the query for anything gives each of the five tokens one fifth.",
    row_label="query",
    column_label="key",
)

# %% [markdown]
# ## Why divide by $\sqrt{d_k}$?
# Take queries and keys whose components are independent, with mean 0 and variance 1. Their dot product is a sum of
# $d_k$ such products, so its variance is $d_k$: the wider the keys, the further apart the scores.

# %% variance
torch.manual_seed(0)
widths = [4, 16, 64, 256, 1024]
deviation = {"q · k": [], "q · k / √d_k": []}
for d_k in widths:
    scores = (torch.randn(5000, d_k) * torch.randn(5000, d_k)).sum(dim=-1)
    deviation["q · k"].append(scores.std().item())
    deviation["q · k / √d_k"].append((scores / math.sqrt(d_k)).std().item())

line_plot(
    deviation,
    x=[str(d_k) for d_k in widths],
    x_label="width of queries and keys, d_k",
    y_label="standard deviation of the scores",
    title="Scores spread as the square root of d_k; the scale undoes it",
    alt="Two lines over d_k from 4 to 1024. The standard deviation of the plain dot products climbs from 2 to 32; that "
    "of the scaled ones stays at 1.",
)

# %% [markdown]
# Softmax does not forgive this. With scores far apart it gives everything to the largest one. Here the same query and
# keys are read without the scale and with it.

# %% saturation
torch.manual_seed(2)
names = [f"key {letter}" for letter in "ABCDEFGH"]
rows = []
for d_k in widths:
    query, keys = torch.randn(1, d_k), torch.randn(8, d_k)
    plain = scaled_dot_product_attention(query * math.sqrt(d_k), keys, keys)  # the factor takes the scale away
    rows.append(torch.cat([plain.weights, scaled_dot_product_attention(query, keys, keys).weights]))

heat_maps(
    torch.stack(rows, dim=1),
    rows=[f"d_k = {d_k}" for d_k in widths],
    columns=names,
    names=["without the scale", "with the scale"],
    title="Without the scale, wide keys leave one winner",
    alt="Attention weights over eight keys for d_k from 4 to 1024. Without the scale a single key takes all the weight "
    "once d_k is large; with the scale the weight stays spread over several keys.",
)

# %% [markdown]
# A single winner is not wrong in itself. But where one weight is 1 and the others are 0, the softmax is flat: its
# Jacobian $\mathrm{diag}(w) - ww^\top$ is nearly zero, and next to nothing is learned from a mistake.

# %% gradient
slope = {"with the scale": [], "without": []}
for d_k in widths:
    scores = torch.einsum("nd,nkd->nk", torch.randn(500, d_k), torch.randn(500, 8, d_k))
    for name, w in zip(slope, ((scores / math.sqrt(d_k)).softmax(-1), scores.softmax(-1)), strict=True):
        jacobian = torch.diag_embed(w) - w.unsqueeze(-1) * w.unsqueeze(-2)
        slope[name].append(jacobian.flatten(1).norm(dim=-1).median().item())

line_plot(
    slope,
    x=[str(d_k) for d_k in widths],
    x_label="width of queries and keys, d_k",
    y_label="size of the softmax's Jacobian, median of 500 queries",
    title="Without the scale, the gradient dies as keys grow wider",
    alt="Two lines on a logarithmic axis over d_k from 4 to 1024. With the scale the Jacobian keeps its size; without "
    "it the Jacobian falls by orders of magnitude.",
    log=True,
)

# %% [markdown]
# ## What a mask does
# A mask takes keys away from a query: they get weight 0 and the rest share the whole. A query with nothing left gets
# zeros, not an error and not a blend of what it must not see. See [[Causal Mask]].

# %% mask
allowed = torch.ones(4, 5, dtype=torch.bool)
allowed[:, 4] = False  # nobody may read "dogs"
allowed[0] = False  # and the first query may read nothing
masked = scaled_dot_product_attention(6 * torch.stack(list(questions.values())), features, features, allowed)
heat_map(
    masked.weights,
    rows=list(questions),
    columns=tokens,
    title="Hidden keys get nothing; what is left still sums to one",
    alt="The same queries with dogs hidden: the query for an animal now gives nearly all its weight to cats. The first "
    "query may read nothing, and its row is zero.",
    row_label="query",
    column_label="key",
)

# %% [markdown]
# ## Your own numbers

# %% playground
from torch import Tensor, nn

from notebook_models.playground import Matrix, Numbers, Playground, Toggle, Weights


class LookUp(nn.Module):
    """Attention with its scale, or without it: a factor on the queries takes the scale away."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, scaled: Tensor) -> tuple[Tensor, Tensor]:
        query = query * torch.where(scaled, 1.0, math.sqrt(query.shape[-1]))
        attended = scaled_dot_product_attention(query, key, value)
        return attended.weights, attended.output


four, asked, known, carried = ("1", "2", "3", "4"), ("query A", "query B"), ("key 1", "key 2", "key 3"), ("x", "y")
Playground(
    title="Ask three keys two questions",
    says="Make a query more like a key, and its weight grows; multiply the query, and one key takes all. "
    "Without the scale, the same numbers leave less for the others.",
    module=LookUp(),
    inputs=(
        Numbers("query", "Queries", asked, four, ((2, 0, 0, 0), (0, 1, 1, 0))),
        Numbers("key", "Keys", known, four, ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 1))),
        Numbers("value", "Values", ("value 1", "value 2", "value 3"), carried, ((1, 0), (0, 1), (-1, -1))),
        Toggle("scaled", "Divide by √d_k", default=True),
    ),
    outputs=(
        Weights("weights", "Weights: how much of each key's value a query takes", asked, known),
        Matrix("output", "Output: the values, blended", ("output A", "output B"), carried),
    ),
)

# %% [markdown]
# ## Try next
# - Replace the factor 6 in the first cell by 0, 1 and 100. Which of them is a dictionary, and which an average?
# - Give "cats" and "dogs" different values, and ask for an animal. Where does the answer lie?
# - Then let the questions come from the tokens themselves: [[Self-Attention]].
