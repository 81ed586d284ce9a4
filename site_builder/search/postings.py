"""The inverted index: for each term the passages that hold it, in which field, and how much it says of them.

A passage is a note, or a part of a long one. How much a term says is BM25's term-frequency part, which is known once
the lengths are, so that a query needs none: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TypeAlias

from site_builder.search.records import Record
from site_builder.search.texts import Section
from site_builder.search.tokens import find_words, fold, terms

TEXT, TAG, HEADING, ALIAS, TITLE = range(5)
LEVELS = 8
SHIFT = 6
_LONGEST = 16_000  # characters of a passage
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a record's words, small enough to be fetched to show one sentence of it."""

    record: int
    sections: tuple[Section, ...]
    first: bool

    @property
    def length(self) -> int:
        return sum(len(section.text) for section in self.sections)


Postings: TypeAlias = "array[int]"
"""Where one term stands, in rising order: a passage's number, shifted by `SHIFT`, and below it the code of the match.

An array, because a large vault has millions of them.
"""


def passages(records: Sequence[Record]) -> list[Passage]:
    """Return the first passage of each record, then what else the long ones have: a passage's number is its record's,
    for all but those."""
    first, more = [], []
    for number, record in enumerate(records):
        parts = list(_parts(record.sections))
        first.append(Passage(number, parts[0] if parts else (), True))
        more += [Passage(number, part, False) for part in parts[1:]]
    return [*first, *more]


def _parts(sections: Iterable[Section]) -> Iterator[tuple[Section, ...]]:
    held: list[Section] = []
    room = _LONGEST
    for section in sections:
        for piece in _pieces(section):
            if held and len(piece.text) > room:
                yield tuple(held)
                held, room = [], _LONGEST
            held.append(piece)
            room -= len(piece.text) + len(piece.heading)
    if held:
        yield tuple(held)


def _pieces(section: Section) -> Iterator[Section]:
    """Cut a section that is too long by itself, at the ends of lines or words."""
    text, heading = section.text, section.heading
    while len(text) > _LONGEST:
        cut = max(text.rfind("\n", 0, _LONGEST), text.rfind(" ", _LONGEST // 2, _LONGEST))
        cut = cut if cut > 0 else _LONGEST
        yield replace(section, text=text[:cut], heading=heading)
        text = text[cut:].lstrip()
    yield replace(section, text=text, heading=heading)


def build_postings(records: Sequence[Record], parts: Sequence[Passage]) -> dict[str, Postings]:
    """Return the postings of every term, terms in no order."""
    mean = sum(part.length for part in parts) / max(1, len(parts)) or 1.0
    index: defaultdict[str, Postings] = defaultdict(partial(array, "L"))
    for number, part in enumerate(parts):
        place = number << SHIFT
        for term, code in _codes(records[part.record], part, mean).items():
            index[term].append(place | code)
    return index


def _codes(record: Record, part: Passage, mean: float) -> dict[str, int]:
    """Return a code for each term of a passage; later fields are better ones and take the place of earlier."""
    counts: dict[str, int] = {}
    for word, count in Counter(find_words("\n".join(section.text for section in part.sections))).items():
        for term in terms(word):
            counts[term] = counts.get(term, 0) + count
    levels = _levels(round(8 * part.length / mean) / 8)
    last = len(levels) - 1
    codes = {term: levels[count if count < last else last] for term, count in counts.items()}
    for section in part.sections:
        _name(codes, section.heading, HEADING)
    if part.first:
        _name_record(codes, record)
    return codes


def _name_record(codes: dict[str, int], record: Record) -> None:
    for tag in record.tags:
        for term in _words(tag)[0]:
            codes[term] = max(codes.get(term, 0), code(TAG, LEVELS - 1))
        codes.update(dict.fromkeys(tag_terms(tag), code(TAG, LEVELS - 1)))
    for alias in record.aliases:
        _name(codes, alias, ALIAS)
    if record.title.startswith("#"):
        codes[f"#{fold(record.title[1:])}"] = code(TITLE, LEVELS - 1)
    else:
        _name(codes, record.title, TITLE)


def _name(codes: dict[str, int], name: str, field: int) -> None:
    """Note the terms of a name: the fewer other words it has, the more a term says of it."""
    if not name:
        return
    found, count = _words(name)
    value = code(field, max(0, LEVELS - max(1, count)))
    for term in found:
        codes[term] = max(codes.get(term, 0), value)


@lru_cache(maxsize=1 << 16)
def _words(name: str) -> tuple[tuple[str, ...], int]:
    """Return the terms of a name, and how many words it has, joined ones counted by their parts."""
    words = find_words(name)
    found = [terms(word) for word in words]
    return tuple(dict.fromkeys(term for each in found for term in each)), sum(max(1, len(each) - 2) for each in found)


def tag_terms(tag: str) -> Iterator[str]:
    """Yield the terms that find a tag as it is written: itself, and each that it stands below."""
    parts = fold(tag).split("/")
    for depth in range(1, len(parts) + 1):
        yield f"#{'/'.join(parts[:depth])}"


def code(field: int, level: int) -> int:
    """Return a field and a level within it as one number; a better match has a higher one."""
    return field * LEVELS + level


@lru_cache(maxsize=4096)
def _levels(length: float) -> tuple[int, ...]:
    """Return the code of a term by how often a passage of some length, in mean lengths, holds it."""
    saturation = _K1 * (1 - _B + _B * length)
    return tuple(code(TEXT, round((LEVELS - 1) * count / (count + saturation))) for count in range(32))
