# %% [markdown]
# # Byte-pair encoding
# A model needs a list of all that it can read and write. Letters make a short list and long sequences. Words make short
# sequences and a list that never ends. Byte-pair encoding starts from letters and **joins the pair of neighbors that is
# most frequent**, again and again:
#
# $$(a, b)^{*} = \operatorname*{arg\,max}_{(a, b)} \; \sum_{w} f(w) \cdot \#\{\, i : w_i = a,\ w_{i+1} = b \,\}$$
#
# Here $f(w)$ is how often the word $w$ stands in the corpus. What is frequent ends as one token, what is rare stays in
# parts. The corpus is taken from these notes: six to learn from, and three that are kept back.

# %% the-notes
from notebook_models.plotting import line_plot
from notebook_models.text.byte_pair_encoding import BytePairEncoding, pieces

learned_from = """
A dictionary takes a key, finds the one entry equal to it and returns that entry's value. Attention does the same
softly: every entry answers, in proportion to how well its key fits. A small change of the query makes a small change of
the weights. So gradients reach queries, keys and values alike. An average lies among the things averaged. Whatever the
score and the temperature are, the weights are positive and sum to one. When queries, keys and values are all made from
one sequence, it is self-attention. When the queries come from one sequence and the rest from another, it is
cross-attention. Attention is older than the Transformer. It first helped recurrent networks, which otherwise had to
press a whole sentence into one vector. New in 2017 was a model that turns one sequence into another with no recurrence
left at all.

It is often said that the keys hold all other tokens. They hold all tokens. The diagonal of the table is a weight like
any other: a token reads its own value too, and nothing forbids it. If the token changes, its key and value change with
it, and every row that reads it changes. And within a row the softmax couples all scores: when one weight rises, others
fall.

Suppose "it" must learn two things at once: which noun it stands for, and which verb it belongs to. One head can put
half its weight on each. It then receives the mean of the two values, and the mean does not say which half came from
where. Two heads keep two weights of one each. Concatenation sets the results side by side instead of on top of each
other. This is how the Transformer wins back the resolution that averaging costs.

This is one layer. First the tokens look at each other, then each thinks for itself. The encoder is six such layers,
equal in form, each with weights of its own. Its output is a memory: one vector for each source token, kept as long as
the target is being written. The decoder reads it by cross-attention. It is computed once for a sentence, however long
the translation becomes.

Widen, cut, narrow. A vector of 512 numbers is mapped to 2,048, the negative ones are set to zero, and the rest is
mapped back to 512. Attention moves things between positions. This works on them where they are. The weights are the
same at all positions, but differ from layer to layer. So the network does not know where a token stands, or who its
neighbors are, unless positional encoding and attention have written it into the vector.

A sentence is a long bet. This splits it into many short ones. The probability of the whole is the product of the
probabilities of its tokens, each given all before it. A model is auto-regressive when it generates this way: what it
has written becomes its input. In training the true target is known, so every position gets the true tokens before it,
and a causal mask lets all be trained in one pass. In generation the model gets its own tokens, right or wrong.
"""
kept_back = """
Think of a clock with 256 hands. The first goes round in about six tokens, the last in about sixty thousand. Each hand
gives two numbers, a sine and a cosine. Together they say where a token stands, as the hands of a clock say what time it
is. In "the dog chased the cat" both "the" have the same embedding. Without positions, they would get the same output,
in every layer. "Dog bites man" and "man bites dog" could not be told apart.

The last layer leaves a vector at each position. Multiplied by the embedding matrix it gives a score for every token of
the vocabulary; the softmax makes probabilities. In training all positions are used, each with its own right answer. In
generation only the last one matters.

The idea comes from image recognition. Very deep plain networks had a higher error than shallower ones, on the training
set too. It was not overfitting. They were hard to optimize: even doing nothing, the identity, had to be learned through
many layers. A residual connection makes doing nothing the starting point.
"""
learned_from, kept_back = (" ".join(text.split()) for text in (learned_from, kept_back))
encoding = BytePairEncoding.train([learned_from], n_merges=600)
[encoding.tokens[number].decode() for number in range(259, 289)]

# %% [markdown]
# The first thirty merges: ends and beginnings of words, and the shortest words as wholes. The space before a word
# belongs to it, so a beginning and the same letters within a word are different tokens.
#
# ## One word, merge by merge
# A new word goes through the merges in the order in which they were learned. Neither of these stands in the six notes.


# %% merge-by-merge
def parts(text: str, encoding: BytePairEncoding) -> list[str]:
    """Return the tokens of a text as text, with the space made visible."""
    return [encoding.decode([token]).replace(" ", "␣") for token in encoding.encode(text)]


first_merges = [BytePairEncoding(encoding.merges[:n]) for n in range(601)]
for word in (" embedded", " transformation"):
    steps = [" ".join(parts(word, shorter)) for shorter in first_merges]
    print("\n".join(dict.fromkeys(steps)), end="\n\n")

# %% [markdown]
# ## Words that were never seen
# Now the notes that were kept back. A whole word is unknown when the text learned from did not have it. A word in
# sub-words is unknown when one of its parts never stood there: a model would have no trained vector for that part. With
# 200 merges:


# %% unknown
def unknown_words(encoding: BytePairEncoding) -> list[str]:
    """Return the words kept back with a part that the text learned from does not have, when it is cut the same way."""
    seen = set(encoding.encode(learned_from))
    return [word for word in words if not seen.issuperset(encoding.encode(word))]


words, seen_words = pieces(kept_back), set(pieces(learned_from))
new_words = [word for word in words if word not in seen_words]
unknown = {"whole words": len(new_words) / len(words)}
unknown["200 merges"] = len(unknown_words(first_merges[200])) / len(words)
print({name: f"{share:.1%}" for name, share in unknown.items()})
for word in new_words[:8]:
    print(word.strip(), "=", " + ".join(parts(word, first_merges[200])))

# %% [markdown]
# ## Too many merges
# More merges make shorter sequences. But a part that is always joined further never stands alone in the text learned
# from, and when a new word needs it alone, it is unknown.

# %% merges
merges = list(range(0, 601, 50))
shares = [len(unknown_words(first_merges[n])) / len(words) for n in merges]
line_plot(
    {"sub-words": shares, "whole words": [unknown["whole words"]] * len(merges)},
    x=merges,
    x_label="merges",
    y_label="share of the words kept back that are unknown",
    title="Merged to the end, sub-words are words again",
    alt="Share of unknown words against the number of merges, from 0 to 600. Sub-words stay low up to 250 merges, then "
    "rise to the line of whole words, which is flat at about a third.",
)

# %% [markdown]
# Six short notes are worth some two hundred merges. A corpus of millions of sentences is worth tens of thousands.

# %% length
lengths = {
    name: [len(first_merges[n].encode(text)) / len(pieces(text)) for n in merges]
    for name, text in {"learned from": learned_from, "kept back": kept_back}.items()
}
line_plot(
    {**lengths, "whole words": [1.0] * len(merges)},
    x=merges,
    x_label="merges",
    y_label="tokens for each word or sign",
    title="Each merge shortens the text; the first ones most",
    alt="Tokens per word against the number of merges, from 0 to 600. Both lines start near 4.7 and fall quickly, then "
    "slowly; text that was kept back ends near 1.9, text that was learned from near one.",
)

# %% [markdown]
# The gap between the two lines is what was learned by heart. A merge that joins a word of one note alone is of no use
# to another.
#
# ## Any text
# The alphabet is the 256 bytes, so every text has tokens, and comes back as it was.

# %% any-text
for text in ("Übersetzung", "naïve 🙂", "注意"):
    print(text, encoding.encode(text), encoding.decode(encoding.encode(text)) == text)

# %% [markdown]
# ## Try next
# - Learn 2,000 merges from the six notes. Where does training stop, and why?
# - Write your own sentence in place of "embedded". Are the cuts those that you would make?
# - Learn from English and Spanish together. Which tokens do the two share?
