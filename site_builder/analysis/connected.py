"""Which edges join concepts, and the graph of concepts alone as whole numbers, for igraph."""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from site_builder.graph import ConceptGraph, Edge, EdgeType, NodeType

CONCEPTS = frozenset((NodeType.NOTE, NodeType.WANTED))
JOINING = frozenset((EdgeType.LINKS, EdgeType.EMBEDS, EdgeType.REQUIRES))

_SEED = 2017


def concept_edges(graph: ConceptGraph) -> Iterator[Edge]:
    """Yield the edges that join two different concepts."""
    nodes = graph.nodes
    for edge in graph.edges:
        if edge.type in JOINING and edge.source != edge.target and nodes[edge.target].type in CONCEPTS:
            yield edge


def concepts(graph: ConceptGraph) -> tuple[str, ...]:
    """Return the ids of all concepts, sorted."""
    return tuple(sorted(node.id for node in graph.nodes.values() if node.type in CONCEPTS))


@dataclass(frozen=True, slots=True)
class Numbered:
    """The concepts by number, and the different pairs of them that an edge joins, in its direction."""

    ids: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]

    def directed(self) -> Any:
        """Return an igraph graph of the pairs as they point."""
        return load_igraph().Graph(len(self.ids), list(self.pairs), directed=True)

    def undirected(self) -> Any:
        """Return an igraph graph of the pairs, each once."""
        pairs = sorted({(min(pair), max(pair)) for pair in self.pairs})
        return load_igraph().Graph(len(self.ids), pairs)


def number_concepts(graph: ConceptGraph) -> Numbered:
    """Number the concepts of a graph; the same graph gives the same numbers, in whatever order it was read."""
    ids = concepts(graph)
    number: Mapping[str, int] = {id_: index for index, id_ in enumerate(ids)}
    return Numbered(ids, tuple(sorted({(number[edge.source], number[edge.target]) for edge in concept_edges(graph)})))


def load_igraph() -> Any:
    """Import igraph without its drawing, which would load matplotlib, and seed it, so that every run is the same."""
    unloaded = "matplotlib" not in sys.modules
    if unloaded:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]  # an import of it fails, as where it is not installed
    try:
        igraph = importlib.import_module("igraph")
    finally:
        if unloaded:
            del sys.modules["matplotlib"]
    igraph.set_random_number_generator(random.Random(_SEED))
    return igraph
