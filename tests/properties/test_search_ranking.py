"""The engine, which fetches a few parts of an index, finds what a look at all of it finds, in the same order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from site_builder.names import TOP, SitePath
from site_builder.search import Record, Section, files, index_files
from site_builder.search.postings import ALIAS, LEVELS, SHIFT, build_postings, code, passages
from site_builder.search.tokens import terms
from tests.search_engine import Search, errors_in_browser

_CODE = (1 << SHIFT) - 1
_WEIGHTS = (1, 2.2, 5, 11, 24)  # of a text, a tag, a heading, an alias, a title

_LIKE = "tabasta tabastas tabsata tabast bastabastata bastabasttta bastabbstata bastabasata bastabstata abs-tab abstab"
_WORDS = st.text("abst", min_size=1, max_size=4) | st.sampled_from(_LIKE.split())
_NAMES = st.lists(_WORDS, max_size=4).map(" ".join)
_TEXTS = st.lists(_WORDS, max_size=60).map(" ".join)


@st.composite
def _records(draw: st.DrawFn) -> list[Record]:
    def record(number: int) -> Record:
        long = draw(st.sampled_from((1, 1, 1, 400)))  # a long note has several passages
        parts = draw(
            st.lists(st.builds(Section, st.just(TOP), _NAMES, _TEXTS.map(lambda text: f"{text} " * long)), max_size=3)
        )
        aliases = tuple(filter(None, draw(st.lists(_NAMES, max_size=2))))
        return Record(SitePath(f"{number}/"), draw(_NAMES), aliases, (), tuple(parts))

    return [record(number) for number in range(draw(st.integers(1, 16)))]


_QUERIES = st.tuples(st.lists(_WORDS, min_size=1, max_size=3, unique=True), st.booleans())


@settings(max_examples=60, deadline=None)
@given(_records(), st.lists(_QUERIES, min_size=1, max_size=4))
def test_the_engine_ranks_as_a_look_at_the_whole_index_does(
    found: list[Record], queries: list[tuple[list[str], bool]]
) -> None:
    """Words that are whole, unfinished, joined, in the plural, misspelled, missing; in notes short and long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "_SHARD", 400)  # so that a query's terms lie in several
        search = Search(index_files(found))
    assume(sum(name.startswith("terms/") for name in search.files) <= 8)  # more are not asked for one beginning
    whole = _Index(found)
    for words, open_ in queries:
        answer = search(" ".join(words) + " " * (not open_))
        expected = whole.rank(words, open_)
        assert (answer.total, answer.pages) == (len(expected), [f"{note}/" for note in expected[:10]])


class _Index:
    """An index without shards: each term's places, all of which are looked at for each query."""

    def __init__(self, found: Sequence[Record]) -> None:
        self.notes = len(found)
        self.parts = passages(found)
        self.places = dict(sorted(build_postings(found, self.parts).items()))
        self.names = {
            term: named
            for term, places in self.places.items()
            if (named := [place for place in places if place & _CODE >= code(ALIAS, 0)])
        }

    def rank(self, words: Sequence[str], open_: bool) -> list[int]:
        """Return the notes that match all words, or where none does any of them, the best first."""
        units = [self.unit(word, open_ and word == words[-1]) for word in words]
        covered = {note: sum(note in unit for unit in units) for unit in units for note in unit}
        scores = {note: sum(self.rarity(unit) * unit[note] for unit in units if note in unit) for note in covered}
        least = len(units) if len(units) in covered.values() else 1
        return sorted(
            (note for note in covered if covered[note] >= least),
            key=lambda note: (-covered[note], -scores[note], note),
        )

    def rarity(self, unit: Mapping[int, float]) -> float:
        return math.log(1 + (self.notes - len(unit) + 0.5) / (len(unit) + 0.5))

    def unit(self, word: str, open_: bool) -> dict[int, float]:
        *before, last = word.split("-")
        whole = terms(word)[:2] if before else (word,)
        found = [match for term in whole for match in self.matches(term, open_)]
        if before:
            parts = [best(self.matches(part, False)) for part in before]
            parts.append(best(self.matches(last, open_ and len(last) > 1)))
            found += ((note, 0.6 * min(part[note] for part in parts)) for note in set.intersection(*map(set, parts)))
        if len(best(found)) < 3:
            found += self.near(whole[0], open_)
        return best(found)

    def matches(self, term: str, open_: bool) -> Iterator[tuple[int, float]]:
        yield from self.at(self.places.get(term, ()), 1)
        if len(term) >= 3 and term.isalpha():
            other = f"{term}es" if term.endswith("ss") else term[:-1] if term.endswith("s") else f"{term}s"
            yield from self.at(self.places.get(other, ()), 0.5)
        begun = self.places if len(term) >= 3 else self.names
        for other, places in begun.items():
            if open_ and other.startswith(term) and other != term:
                yield from self.at(places, 0.45)

    def near(self, term: str, open_: bool) -> Iterator[tuple[int, float]]:
        """Yield notes that hold a word that is a typing error away: any name, or a word with the same first letter."""
        limit = 2 if len(term) >= 8 else 1 if len(term) >= 4 else 0
        known = {other for other in self.places if open_ and len(term) >= 3 and other.startswith(term)}
        worth: dict[str, float] = {}
        words = [word for word in self.places if len(word) >= 3 and word.isalpha() and word[0] == term[0]]
        for other in (*self.names, *words) if limit else ():
            errors = distance(term, other)
            begun = open_ and len(term) >= 6 and min(distance(term, other[:end]) for end in range(len(other) + 1)) <= 1
            quality = (0, 0.02, 0.01)[errors] if errors <= limit else 0.004 if begun else 0
            if quality and other not in known:
                worth.setdefault(other, quality)
        for place, other in enumerate(sorted(worth, key=lambda other: -worth[other])[:12]):
            yield from self.at(self.places[other] if place < 4 else self.names.get(other, ()), worth[other])

    def at(self, places: Sequence[int], quality: float) -> Iterator[tuple[int, float]]:
        for place in places:
            field, level = divmod(place & _CODE, LEVELS)
            worth = _WEIGHTS[field] * (0.5 + 0.5 * level / (LEVELS - 1))
            yield self.parts[place >> SHIFT].record, worth * quality


@settings(max_examples=300, deadline=None)
@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 2), st.booleans())
def test_typing_errors_are_counted_as_a_table_of_all_beginnings_counts_them(
    word: str, other: str, limit: int, begun: bool
) -> None:
    least = min(distance(word, other[:end]) for end in range(len(other) + 1)) if begun else distance(word, other)
    assert errors_in_browser(word, other, limit, begun) == min(least, limit + 1)


def best(matches: Iterable[tuple[int, float]]) -> dict[int, float]:
    """Return the best score of each note."""
    found: dict[int, float] = {}
    for note, score in matches:
        found[note] = max(found.get(note, 0), score)
    return found


@cache
def distance(word: str, other: str) -> int:
    """Return the optimal string alignment of two words."""
    if not word or not other:
        return len(word) + len(other)
    least = min(
        distance(word[:-1], other) + 1,
        distance(word, other[:-1]) + 1,
        distance(word[:-1], other[:-1]) + (word[-1] != other[-1]),
    )
    if word[-2:] == other[-2:][::-1] and len(word) > 1 and len(other) > 1:
        least = min(least, distance(word[:-2], other[:-2]) + 1)
    return least
