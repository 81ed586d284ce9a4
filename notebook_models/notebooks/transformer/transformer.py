# %% [markdown]
# # The Transformer
# An [[Encoder]] that reads, a [[Decoder]] that writes, and one embedding matrix for both ends:
#
# $$p(y_t \mid y_{<t}, x) = \mathrm{softmax}\bigl(\mathrm{Decoder}(y_{<t}, \mathrm{Encoder}(x))_t\, E^\top\bigr)$$
#
# This one is small. It has learned to turn number words into digits, from examples alone:
# `python -m notebook_models.training.number_words` trains it in about half a minute.

# %% model
import torch

from notebook_models.plotting import heat_map, heat_maps
from notebook_models.training import number_words
from notebook_models.transformer.transformer import Transformer

model = number_words.load()
{"parameters": sum(p.numel() for p in model.parameters()), "tokens": len(number_words.VOCABULARY)}

# %% [markdown]
# ## Numbers it has never seen
# About one number in ten was kept out of training. Here are some of those.

# %% translations
never_seen = [107, 219, 999, 2011, 11_002, 70_700, 123_456, 200_000, 300_005, 342_907]
texts = [number_words.words(number) for number in never_seen if number_words.is_held_out(number)]
for text, written in zip(texts, number_words.translate(model, texts), strict=True):
    print(f"{text:52} {written:>7}")

# %% exact
sample = [number for number in range(100, 1_000_000, 503) if number_words.is_held_out(number)]
f"{number_words.exact_match(model, sample):.1%} of {len(sample)} held-out numbers, to the last digit"

# %% [markdown]
# ## Which word makes which digit
# Cross-attention answers. Each row is a digit at the moment it is written; it shows which words the last decoder layer
# reads.


# %% reading
def reading(number: int) -> tuple[torch.Tensor, list[str], list[str]]:
    """Return the cross-attention of the last layer, one map a head, the digits written, and the words."""
    text = number_words.words(number)
    memory = model.encode(number_words.encode_words([text]))
    decoded = model.decode(number_words.encode_digits([number])[:, :-1], memory, need_weights=True)
    return decoded.cross_weights[-1][0], [*str(number), "<end>"], text.split()


weights, digits, words = reading(342_907)
heat_map(
    weights.mean(0),
    rows=digits,
    columns=words,
    title="Each digit reads the word that decides it",
    alt="Cross-attention for three hundred forty two thousand nine hundred seven, averaged over heads. 3 reads three, "
    "4 reads forty, 2 reads two, 9 reads nine, 0 reads the second hundred, 7 reads seven.",
    row_label="written",
    column_label="source",
)

# %% [markdown]
# The zero has no word of its own. In "nine hundred seven" it comes from "seven" following "hundred" at once, and there
# the model looks. Where more is missing, there is more to infer.

# %% zeros
weights, digits, words = reading(300_005)
heat_maps(
    weights,
    rows=digits,
    columns=words,
    names=[f"head {head}" for head in range(1, 5)],
    title="Four heads of the last layer, and four zeros that no word names",
    alt="Cross-attention of four heads for three hundred thousand five. 3 reads three; the first two zeros are written "
    "while reading hundred and thousand, the other two while reading thousand; 5 reads five.",
    row_label="written",
    column_label="source",
)

# %% [markdown]
# ## The paper's sizes
# Counted without allocating anything: on PyTorch's meta device a tensor has a shape and no storage.

# %% sizes
with torch.device("meta"):
    sizes = {"base": Transformer.base(37_000), "big": Transformer.big(37_000)}
for part in ("source_embedding", "encoder", "decoder"):
    counts = (sum(p.numel() for p in getattr(size, part).parameters()) for size in sizes.values())
    print(f"{part:18}", *(f"{count:14,}" for count in counts))
print(f"{'all':18}", *(f"{sum(p.numel() for p in size.parameters()):14,}" for size in sizes.values()))

# %% [markdown]
# 63.08 and 214.25 million. Table 3 of the paper prints 65 and 213: its base rows come out with a vocabulary near
# 41,000.

# %% [markdown]
# ## Translate a number yourself

# %% playground
from notebook_models.playground import Generation, Tokens
from notebook_models.transformer.stepwise import Encode, Step

spoken = (*number_words.TO_NINETEEN, *number_words.TENS, "hundred", "thousand")
Generation(
    title="Number words to digits",
    says="Type a number in words. Each digit is written in the light of the words and of the digits before it: "
    "the first maps show which words each head of each layer reads to write it.",
    source=Tokens(
        "source",
        "Number words",
        {word: number_words.INDEX[word] for word in spoken},
        "three hundred forty two thousand seven",
        max_length=11,
    ),
    encode=Encode(model),
    step=Step(model),
    empty=torch.zeros(2, 2, 4, 0, 16),  # layers; keys and values; heads; positions; width of a head
    grows=3,
    vocabulary=tuple(number_words.VOCABULARY),
    start=number_words.START,
    end=number_words.END,
    max_new_tokens=number_words.MAX_DIGITS + 1,
)

# %% [markdown]
# ## Try next
# - Ask for "hundred thousand", or "two two". What does the model make of words that name no number?
# - Train with `tie_embeddings=False`. How many parameters does it cost, and what does it gain?
