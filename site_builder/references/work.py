"""A cited work and the names of its authors. Knows nothing of how citations are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

ET_AL = "et al."
"""Stands last among the authors when the list was cut short."""

_BEFORE_FAMILY_NAMES = "van von der den de del della di da dos das du la le ten ter el al bin ibn zu zum zur af av 't"
PARTICLES = frozenset(_BEFORE_FAMILY_NAMES.split())
_SUFFIXES = frozenset(("Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"))


@dataclass(frozen=True, slots=True)
class Work:
    """A cited work; what is not known is empty.

    Authors are written given names first: `A. N. Gomez`, `Aaron van den Oord`, or `Gomez` alone. `arxiv` is without
    version. `url` is another address than those that `doi` and `arxiv` give.
    """

    authors: tuple[str, ...]
    title: str
    venue: str
    year: int | None
    doi: str
    arxiv: str
    url: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A work as the whole vault knows it; `id` is its key in addresses and in BibTeX: `vaswani-2017-attention`."""

    id: str
    work: Work


class Name(NamedTuple):
    """A person's name in two parts; `family` keeps its particles (`van den Oord`)."""

    given: str
    family: str


def split_name(author: str) -> Name:
    """Part an author's given names from the family name, which begins at the first particle or is the last word."""
    words = author.split()
    start = max(0, len(words) - 1)
    if start and words[-1] in _SUFFIXES:
        start -= 1
    start = next((place for place, word in enumerate(words[:start]) if word in PARTICLES), start)
    return Name(" ".join(words[:start]), " ".join(words[start:]))


def short_citation(work: Work) -> str:
    """Return how a sentence names a work: `Vaswani et al. 2017`, `Kingma and Ba 2015`."""
    names = [author if author == ET_AL else split_name(author).family for author in work.authors]
    many = len(names) > 2 or ET_AL in names[1:]
    who = f"{names[0]} {ET_AL}" if many else " and ".join(names) or work.title
    if who:
        return f"{who} {work.year}" if work.year else who
    return (f"arXiv:{work.arxiv}" if work.arxiv else "") or work.doi or work.url
