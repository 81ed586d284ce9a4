# %% [markdown]
# # Masks
# Attention looks everywhere unless it is told not to. A mask is a table of permissions, with a row for each query and a
# column for each key: **True where the query may attend**. It acts before the softmax. A forbidden key scores
# $-\infty$, gets weight 0, and the keys that are left share the whole.

# %% sentences
import torch

from notebook_models.attention.masks import causal_mask, combine, padding_mask
from notebook_models.attention.scaled_dot_product import scaled_dot_product_attention
from notebook_models.plotting import heat_maps, mask_picture

words = ["<pad>", "I", "love", "cats", "and", "dogs"]
PAD = words.index("<pad>")
batch = torch.tensor([[1, 2, 3, 4, 5], [1, 2, 3, PAD, PAD]])  # the shorter sentence is filled up

# %% [markdown]
# Two reasons to forbid. **Padding** is no word: sentences of a batch are filled up to one length, and nobody may read
# the filling. **The future** is not known yet: when a decoder predicts the next word, it may read the words before it
# and nothing after. The two combine with a logical *and*.

# %% masks
causal = causal_mask(batch.shape[1])
padding = padding_mask(batch, PAD)
both = combine(causal, padding)
{"causal": tuple(causal.shape), "padding": tuple(padding.shape), "both": tuple(both.shape)}

# %% permissions
second = [words[token] for token in batch[1]]
mask_picture(
    torch.stack([causal, padding[1].expand(5, 5), both[1]]),
    rows=second,
    columns=second,
    names=["causal", "padding", "both"],
    title="What the words of the shorter sentence may read",
    alt="Three masks over I love cats and two padding tokens. Causal allows the lower triangle with the diagonal. "
    "Padding allows the columns of the three words. Both allows what the two have in common.",
)

# %% [markdown]
# Note the diagonal. A word may always read itself: the causal mask forbids what comes *after* a position, and position
# $i$ does not come after itself.

# %% weights
torch.manual_seed(0)
query, key = torch.randn(2, 5, 8)
masks = {"no mask": None, "causal": causal, "padding": padding[1], "both": both[1]}
weights = [scaled_dot_product_attention(query, key, key, mask).weights for mask in masks.values()]
heat_maps(
    torch.stack(weights),
    rows=second,
    columns=second,
    names=list(masks),
    title="The same scores under four masks: every row still sums to one",
    alt="Attention weights for the same queries and keys under no mask, the causal mask, the padding mask and both. "
    "Forbidden cells are zero, and the allowed cells of each row grow to fill the whole.",
    row_label="query",
    column_label="key",
)

# %% [markdown]
# ## What a mask is for
# It is sometimes said that the causal mask prevents overfitting. It does not: it keeps the answer out of the question.
# [[Masked Multi-Head Attention]] shows a model that was trained without it: its loss goes to zero, and it cannot
# generate.

# %% sums
torch.stack(weights).sum(dim=-1)

# %% [markdown]
# ## Try next
# - Forbid everything to one query. What does it get, and why not an equal share of everything?
# - Write a mask that lets each word read only its neighbors. After how many layers has the first word heard of the
#   last?
