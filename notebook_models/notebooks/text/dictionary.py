# %% [markdown]
# # Word-by-word translation
# A dictionary gives each English word the Spanish word that it most often stands for. The words stay where they are.
# The pairs come from a grammar that knows which word stands for which, so the dictionary is as good as one can be.

# %% entries
from itertools import islice, pairwise

import torch

from notebook_models.plotting import heat_map
from notebook_models.text import grammar
from notebook_models.text.dictionary import Dictionary, in_english_order
from notebook_models.text.grammar import Pair

seen = list(islice(grammar.distinct(seed=0, held_out=False), 4000))
dictionary = Dictionary(seen)
{word: dictionary.entries[word] for word in ("the", "red", "cat", "saw", "did", "see", "it")}

# %% [markdown]
# Nothing here is wrong, and nothing is enough. "The" is one of four words, "red" one of four, "saw" one of two. "Did"
# has no word of its own.

# %% sentences
bands = grammar.held_out(400)
for pair in [bands[0][2], bands[0][0], bands[0][1], bands[1][9]]:
    for words in (pair.english, dictionary.translate(pair.english), in_english_order(pair), pair.spanish):
        print(" ".join(words))
    print()

# %% [markdown]
# Four lines each: the English, the dictionary, the right forms in the English order, the Spanish.
#
# ## What stands in the way
# Three things can go wrong, and they can be told apart: a form that depends on other words, an order that differs, and
# a Spanish word that comes from no English one.


# %% obstacles
def wrong_form(pair: Pair) -> bool:
    return dictionary.translate(pair.english) != in_english_order(pair)


def other_order(pair: Pair) -> bool:
    sources = [source for source in pair.sources if source is not None]
    return any(first > second for first, second in pairwise(sources))


def word_from_nothing(pair: Pair) -> bool:
    return None in pair.sources


obstacles = {"wrong form": wrong_form, "other order": other_order, "word from nothing": word_from_nothing}
shares = torch.tensor([[sum(map(has, pairs)) / len(pairs) for pairs in bands] for has in obstacles.values()])
heat_map(
    shares,
    rows=list(obstacles),
    columns=[f"{lengths[0]} to {lengths[-1]}" for lengths in grammar.BANDS],
    title="Share of sentences that word by word gets wrong, by reason and length",
    alt="Shares of sentences by length. A wrong form and another order are in most short sentences and in all long "
    "ones; a Spanish word from nothing is in few short sentences and in about half of the long ones.",
    row_label="reason",
    column_label="words in the English sentence",
)

# %% [markdown]
# One reason is enough to spoil a sentence, and the first two are nearly everywhere.
#
# ## Try next
# - Build the dictionary from 100 pairs instead of 4,000. How much worse does it get?
# - Let the dictionary choose by the word before as well: two words in, one out. Which of the three reasons shrinks, and
#   which cannot?
