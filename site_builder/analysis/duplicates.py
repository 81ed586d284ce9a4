"""Names that seem to mean one concept: `self-attention layer` and `Self-Attention Mechanism`."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from rapidfuzz.distance import OSA

from site_builder.analysis.connected import concepts
from site_builder.graph import ConceptGraph, NodeType, note_node
from site_builder.names import NoteId
from site_builder.note import Note

_GENERAL = frozenset((
    "a", "an", "the", "of", "in", "on", "for", "and", "to", "with", "by", "layer", "layers", "mechanism",
    "mechanisms", "method", "methods", "model", "models", "module", "modules", "technique", "techniques",
    "function", "functions", "operation", "operations", "approach", "algorithm", "algorithms", "network",
    "networks", "block", "blocks", "concept", "definition", "introduction", "overview"
))  # fmt: skip
"""Words that tell no two concepts apart."""

_WORD = re.compile(r"[^\W_]+")
_LETTERS_TO_ERR_IN = 7
_CROWD = 12  # names in one bucket that are compared with each other
_Named = TypeVar("_Named", tuple[str, str], tuple[str, str, str])


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two concepts and the names that seem to mean one thing; `why` is `words` or `spelling`."""

    first: str
    first_name: str
    last: str
    last_name: str
    why: str


def near_duplicates(graph: ConceptGraph, notes: Mapping[NoteId, Note]) -> tuple[NearDuplicate, ...]:
    """Return pairs of concepts whose names differ only in general words, the plural, order or one letter.

    Each name is compared with those in its own bucket, so the work does not grow with the square.
    """
    exact: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    close: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for node, name in _names(graph, notes):
        words = key_words(name)
        exact[" ".join(sorted(words))].append((node, name))
        joined = "".join(words)
        for piece in _without_one_letter(joined):
            close[piece].append((node, name, joined))
    found: dict[tuple[str, str], NearDuplicate] = {}
    for key in sorted(exact):
        for (node, name), (other, its) in _pairs(exact[key]) if key else ():
            found.setdefault((node, other), NearDuplicate(node, name, other, its, "words"))
    for bucket in sorted(close):
        for (node, name, joined), (other, its, its_joined) in _pairs(close[bucket]):
            if OSA.distance(joined, its_joined) == 1 and _digits(joined) == _digits(its_joined):
                found.setdefault((node, other), NearDuplicate(node, name, other, its, "spelling"))
    return tuple(sorted(found.values(), key=lambda each: (each.first, each.last)))


def key_words(name: str) -> tuple[str, ...]:
    """Return the words of a name that tell it from others, in the singular; all of them if they are all general."""
    words = _WORD.findall(unicodedata.normalize("NFKC", name).casefold())
    telling = [word for word in words if word not in _GENERAL] or words
    return tuple(_singular(word) for word in telling)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _names(graph: ConceptGraph, notes: Mapping[NoteId, Note]) -> Iterator[tuple[str, str]]:
    by_node = {note_node(note.id): note for note in notes.values()}
    for node in concepts(graph):
        if graph.nodes[node].type is NodeType.WANTED:
            yield node, graph.nodes[node].title.rpartition("/")[2]
        elif node in by_node:
            note = by_node[node]
            for name in dict.fromkeys((note.title, note.name, *note.aliases)):
                if "{{" not in name:  # a template's field, which is filled in where the template is used
                    yield node, name


def _pairs(named: list[_Named]) -> Iterator[tuple[_Named, _Named]]:
    """Yield the pairs in a bucket that are different concepts, in order; of a crowd, those of the first few."""
    for first, last in combinations(sorted(set(named))[:_CROWD], 2):
        if first[0] != last[0]:
            yield first, last


def _without_one_letter(word: str) -> Iterator[str]:
    if len(word) >= _LETTERS_TO_ERR_IN:
        yield word
        yield from {word[:index] + word[index + 1 :] for index in range(len(word))}


def _digits(word: str) -> str:
    return "".join(char for char in word if char.isdigit())
