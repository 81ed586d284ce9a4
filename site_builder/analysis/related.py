"""Notes that have much in common, and what: links, citations, words."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from site_builder.analysis.connected import CONCEPTS, JOINING
from site_builder.analysis.words import count_words
from site_builder.graph import ConceptGraph, EdgeType, NodeType, note_node
from site_builder.names import NoteId
from site_builder.note import Note

_MOST = 48  # notes that may share a thing: what more have says little, and would make the work grow with the square
_WORDS = 16  # words of a note that are compared, those that mark it most
_GIVEN = 3  # things of a kind that are named as a reason


class Bond(Enum):
    """How two notes share a thing."""

    LINK_TO = "both link to"
    LINKED_FROM = "both are linked from"
    CITE = "both cite"
    WORD = "share"


Feature = tuple[Bond, str]
"""A node that a note links to, is linked from or cites, or a word of its text."""


@dataclass(frozen=True, slots=True)
class Related:
    """A note that has much in common with another, from 0 to 1; `linked` is whether one links to the other.

    `shared` holds the nodes or words that they share, those that say most first.
    """

    note: NoteId
    score: float
    linked: bool
    shared: Mapping[Bond, tuple[str, ...]]


class Relatedness:
    """What every published note has, weighed.

    Two notes are as related as the mean of two cosines: of what they link to, are linked from and cite, and of their
    words, both weighed by how few notes have the same (inverse document frequency).
    """

    def __init__(self, graph: ConceptGraph, notes: Mapping[NoteId, Note]) -> None:
        self._nodes: Mapping[str, NoteId] = {note_node(note): note for note in sorted(notes)}
        structure = _structure(graph)
        self._linked = {
            node: {name for bond, name in found if bond is not Bond.CITE} for node, found in structure.items()
        }
        words = {node: _word_features(notes[note]) for node, note in self._nodes.items()}
        self._spaces = (
            _Space({node: dict.fromkeys(structure.get(node, ()), 1.0) for node in self._nodes}, None),
            _Space(words, _WORDS),
        )

    def related(self, note: NoteId, limit: int = 5, *, linked: bool = True) -> tuple[Related, ...]:
        """Return the notes that have most in common with one, the nearest first; without those it is `linked` with."""
        node = note_node(note)
        scores: defaultdict[str, float] = defaultdict(float)
        for space in self._spaces:
            for other, cosine in space.similar(node).items():
                scores[other] += cosine / len(self._spaces)
        joined = self._linked.get(node, frozenset[str]())
        ranked = sorted((-score, other) for other, score in scores.items() if linked or other not in joined)
        return tuple(
            Related(self._nodes[other], round(-score, 4), other in joined, self._shared(node, other))
            for score, other in ranked[:limit]
        )

    def _shared(self, node: str, other: str) -> Mapping[Bond, tuple[str, ...]]:
        shared: defaultdict[Bond, list[str]] = defaultdict(list)
        for space in self._spaces:
            for bond, name in space.shared(node, other):
                shared[bond].append(name)
        return {bond: tuple(shared[bond][:_GIVEN]) for bond in Bond if bond in shared}


def reasons(related: Related, name: Callable[[str], str]) -> Iterator[str]:
    """Yield in words why two notes are related; `name` gives what a node is called."""
    for bond, shared in related.shared.items():
        names = [f"“{word}”" for word in shared] if bond is Bond.WORD else map(name, shared)
        yield f"{bond.value} {', '.join(names)}"


def _word_features(note: Note) -> Mapping[Feature, float]:
    return {(Bond.WORD, word): 1 + math.log(count) for word, count in sorted(count_words(note.events).items())}


def _structure(graph: ConceptGraph) -> Mapping[str, Sequence[Feature]]:
    found: defaultdict[str, dict[Feature, None]] = defaultdict(dict)
    for edge in graph.edges:
        if edge.type is EdgeType.CITES:
            found[edge.source][Bond.CITE, edge.target] = None
        elif edge.type in JOINING and graph.nodes[edge.target].type in CONCEPTS and edge.source != edge.target:
            found[edge.source][Bond.LINK_TO, edge.target] = None
            if graph.nodes[edge.target].type is NodeType.NOTE:
                found[edge.target][Bond.LINKED_FROM, edge.source] = None
    return {node: tuple(features) for node, features in found.items()}


class _Space:
    """Vectors of length 1 over features, without those that one note alone has, or too many."""

    def __init__(self, counts: Mapping[str, Mapping[Feature, float]], longest: int | None) -> None:
        frequency: defaultdict[Feature, int] = defaultdict(int)
        for features in counts.values():
            for feature in features:
                frequency[feature] += 1
        most = max(2, min(_MOST, len(counts) // 2))
        weight = {
            each: math.log(len(counts) / n) for each, n in frequency.items() if 2 <= n <= most and n < len(counts)
        }
        self._vectors = {node: _unit(features, weight, longest) for node, features in counts.items()}
        self._having: defaultdict[Feature, list[tuple[str, float]]] = defaultdict(list)
        for node, vector in self._vectors.items():
            for feature, value in vector.items():
                self._having[feature].append((node, value))

    def similar(self, node: str) -> Mapping[str, float]:
        """Return the cosine with every node that shares a feature."""
        cosines: defaultdict[str, float] = defaultdict(float)
        for feature, value in self._vectors[node].items():
            for other, its in self._having[feature]:
                cosines[other] += value * its
        cosines.pop(node, None)
        return cosines

    def shared(self, node: str, other: str) -> Iterator[Feature]:
        """Yield the features of both, those that count most first."""
        mine, its = self._vectors[node], self._vectors[other]
        common = [(-value * its[feature], feature[1], feature) for feature, value in mine.items() if feature in its]
        yield from (feature for _, _, feature in sorted(common, key=lambda each: each[:2]))


def _unit(
    features: Mapping[Feature, float], weight: Mapping[Feature, float], longest: int | None
) -> Mapping[Feature, float]:
    weighed = [(-value * weight[each], each[1], each) for each, value in features.items() if each in weight]
    kept = [(each, -value) for value, _, each in sorted(weighed, key=lambda each: each[:2])[:longest]]
    length = math.sqrt(sum(value * value for _, value in kept))
    return {each: value / length for each, value in kept} if length else {}
