"""Pairs of an English and a Spanish sentence, with the gold alignment of their words. Knows nothing of models.

A synchronous grammar grows both sentences together (`derivation`), so which word comes from which is known, not
guessed. No English sentence has two derivations: each has one translation.
"""

import itertools
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from notebook_models.text import derivation
from notebook_models.text.derivation import English, Phrase, Spanish

BANDS = (range(3, 7), range(7, 10), range(10, 13), range(13, 17))
LENGTHS = range(3, 17)
CONTRACTIONS = {("a", "el"): "al", ("de", "el"): "del"}


@dataclass(frozen=True)
class Pair:
    """A sentence in both languages. `sources` holds, for each Spanish word, the position of the English one it is from.

    A word that only Spanish needs has None. `content` holds the positions of the Spanish words whose alignment is
    scored: all but articles, prepositions and "y".
    """

    english: tuple[str, ...]
    spanish: tuple[str, ...]
    sources: tuple[int | None, ...]
    content: frozenset[int]

    @property
    def gold(self) -> dict[int, int]:
        """The position of each Spanish content word, in order, and that of the English word it comes from."""
        return {at: source for at, source in enumerate(self.sources) if source is not None and at in self.content}

    @property
    def reordered(self) -> frozenset[int]:
        """Positions of Spanish content words with one beside them that English has on the other side."""
        gold = self.gold
        swapped = {pair for pair in itertools.pairwise(gold) if gold[pair[0]] > gold[pair[1]]}
        return frozenset(itertools.chain.from_iterable(swapped))


def sentence(generator: random.Random, lengths: range = LENGTHS) -> Pair:
    """Return the next pair of so many English words; equal generators give equal pairs."""
    while True:
        phrase = derivation.sentence(generator)
        if len(phrase.english) in lengths:
            return _pair(phrase)


def is_held_out(english: Sequence[str]) -> bool:
    """Return whether training never sees this sentence: about one in ten, chosen by the hash of its words."""
    return zlib.crc32(" ".join(english).encode()) % 10 == 0


def distinct(seed: int, *, held_out: bool) -> Iterator[Pair]:
    """Yield pairs without end, no sentence twice: those that are kept from training, or those that are not."""
    generator, seen = random.Random(seed), set()
    while True:
        pair = sentence(generator)
        if is_held_out(pair.english) == held_out and pair.english not in seen:
            seen.add(pair.english)
            yield pair


def held_out(count: int, seed: int = 0) -> list[list[Pair]]:
    """Return `count` pairs that training never sees, equally many of each of the BANDS of length, a list for each."""
    bands: list[list[Pair]] = [[] for _ in BANDS]
    each = count // len(BANDS)
    for pair in distinct(seed, held_out=True):
        band = next(band for band, lengths in zip(bands, BANDS, strict=True) if len(pair.english) in lengths)
        if len(band) < each:
            band.append(pair)
        if all(len(band) == each for band in bands):
            break
    return bands


def _pair(phrase: Phrase) -> Pair:
    at = {id(word): position for position, word in enumerate(phrase.english)}
    spanish = _contracted(phrase.spanish)
    return Pair(
        _with_an(phrase.english),
        tuple(word.text for word in spanish),
        tuple(None if word.source is None else at[id(word.source)] for word in spanish),
        frozenset(position for position, word in enumerate(spanish) if word.content),
    )


def _with_an(words: Sequence[English]) -> tuple[str, ...]:
    texts = [word.text for word in words]
    vowel_next = [text[0] in "aeiou" for text in texts[1:]] + [False]
    return tuple("an" if text == "a" and vowel else text for text, vowel in zip(texts, vowel_next, strict=True))


def _contracted(words: Sequence[Spanish]) -> list[Spanish]:
    """Write "al" and "del", which come from what the article comes from, or else the preposition."""
    written: list[Spanish] = []
    for word in words:
        both = CONTRACTIONS.get((written[-1].text, word.text)) if written else None
        if both is None:
            written.append(word)
        else:
            before = written.pop()
            written.append(Spanish(both, word.source or before.source))
    return written
