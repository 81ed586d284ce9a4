# %% [markdown]
# # Encoder-decoder attention
# The target asks, the source answers. Queries are made from what has been written so far, $Y$; keys and values from
# what was read, $H$. The two may differ in length, and even in language:
#
# $$\mathrm{softmax}\!\left(\frac{(Y W^Q)(H W^K)^{\top}}{\sqrt{d_k}}\right) H W^V$$

# %% shapes
from itertools import islice

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.attention.cross import CrossAttention
from notebook_models.attention.masks import padding_mask
from notebook_models.plotting import heat_maps
from notebook_models.text import grammar
from notebook_models.training import alignment
from notebook_models.training.translation import PAD, VOCABULARY, encode_english, encode_spanish

attended = CrossAttention(d_model=32, n_heads=2)(torch.randn(1, 5, 32), memory=torch.randn(1, 7, 32))
{"one vector for each target": tuple(attended.output.shape), "one row for each target": tuple(attended.weights.shape)}

# %% [markdown]
# ## Two languages
# A grammar makes English sentences and their Spanish translations, and knows which word comes from which. Spanish puts
# the adjective after the noun, "it" before the verb, and "today" to the front.

# %% sentences


def draw(count: int, held_out: bool) -> list[grammar.Pair]:
    """Return pairs with at most 7 English words; training never sees those that are held out."""
    pairs = grammar.distinct(0, held_out=held_out)
    return list(islice((pair for pair in pairs if len(pair.english) <= 7), count))


def tokens(pairs: list[grammar.Pair]) -> tuple[Tensor, Tensor]:
    return encode_english([pair.english for pair in pairs]), encode_spanish([pair.spanish for pair in pairs])


(english, spanish), held_out = tokens(draw(1500, held_out=False)), draw(300, held_out=True)
pair = next(pair for pair in held_out if len(pair.reordered) > 4)
print(" ".join(pair.english), " ".join(pair.spanish), sep="\n")

# %% [markdown]
# ## Nothing but this attention
# The smallest model that can read from the other side. A query holds the last two Spanish words and where we are. A
# source word holds itself and where it stands; there is no encoder. One cross-attention reads, and a linear layer names
# the next Spanish word.


# %% reader
class Reader(nn.Module):
    """Names each next Spanish word by one look at the English ones."""

    def __init__(self, d_model: int = 32, n_heads: int = 2, longest: int = 24) -> None:
        super().__init__()
        self.source, self.source_place = nn.Embedding(len(VOCABULARY), d_model), nn.Embedding(longest, d_model)
        self.last, self.last_but_one = (nn.Embedding(len(VOCABULARY), d_model) for _ in range(2))
        self.place = nn.Embedding(longest, d_model)
        self.attention = CrossAttention(d_model, n_heads)
        self.word = nn.Linear(d_model, len(VOCABULARY))

    def forward(self, source: Tensor, target: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        memory = self.source(source) + self.source_place.weight[: source.shape[1]]
        x = self.last(target) + self.last_but_one(F.pad(target[:, :-1], (1, 0), value=PAD))
        x = x + self.place.weight[: target.shape[1]]
        read = self.attention(x, memory, mask)
        return self.word(x + read.output), read.weights.mean(dim=1)


# %% training
torch.manual_seed(0)
model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(250):
    rows = torch.randint(len(english), (64,))
    logits, _ = model(english[rows], spanish[rows, :-1], padding_mask(english[rows], PAD))
    loss = F.cross_entropy(logits.mT, spanish[rows, 1:], ignore_index=PAD)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

# %% [markdown]
# ## Does it look at the right word?
# It was told which words to write, never where to look. On sentences it has not seen: how often is the largest weight
# at the word that the grammar says? Beside it, the same before training, and a reader that always looks at its own
# place.

# %% aligned
source, target = tokens(held_out)
mask = padding_mask(source, PAD)
with torch.no_grad():
    trained, untrained = (m(source, target[:, :-1], mask)[1] for m in (model, Reader()))
own_place = torch.eye(trained.shape[1])[:, : trained.shape[2]].expand_as(trained)
aligned = {
    name: {kind: round(score.share, 3) for kind, score in alignment.score(weights, held_out).items()}
    for name, weights in {"trained": trained, "untrained": untrained, "its own place": own_place}.items()
}
aligned

# %% [markdown]
# The content words are all but articles, prepositions and "y"; the reordered ones have changed sides with a neighbor.
# For these, looking at one's own place is of no use. On the left what the model reads to write each Spanish word, on
# the right what the grammar says:

# %% alignment
weights = trained[held_out.index(pair), : len(pair.spanish), : len(pair.english)]
gold = torch.zeros_like(weights)
for at, word in pair.gold.items():
    gold[at, word] = 1
heat_maps(
    torch.stack([weights, gold]),
    rows=pair.spanish,
    columns=pair.english,
    names=["what the model reads", "what the grammar says"],
    title="Where each Spanish word is read",
    alt=f"Weights of the Spanish words of {' '.join(pair.spanish)} over the English words of {' '.join(pair.english)}, "
    "beside the grammar's alignment. Most rows have their largest weight where the grammar has its one.",
    row_label="written",
    column_label="read",
)

# %% [markdown]
# One look is not enough for everything: the model does not know what it has said already, beyond two words. A
# [[Decoder]] puts self-attention below. There nearly all words are aligned: see [[Translation by a Grammar]].
#
# ## Padding
# The sentences of a batch are filled up to the longest. The first sentence, alone and in the company of longer ones,
# with a mask that hides the filling and without:

# %% padding
with torch.no_grad():
    n = len(held_out[0].english)
    alone, _ = model(source[:1, :n], target[:1, :-1], mask=None)
    with_mask, _ = model(source, target[:, :-1], mask)
    without, _ = model(source, target[:, :-1], mask=None)
padding = {
    "words, and places in the batch": (n, source.shape[1]),
    "changed by the batch, with the mask": round((with_mask[0] - alone[0]).abs().max().item(), 3),
    "changed by the batch, without": round((without[0] - alone[0]).abs().max().item(), 3),
}
padding

# %% [markdown]
# ## Try next
# - Give the query only the place, and not the words written. Which words go wrong, and why?
# - Take one head. Count the words that come right, and those aligned: which of the two falls further?
# - Pass `~mask`, as for `nn.MultiheadAttention`, whose mask means the opposite. What does the model read then?
