"""The notes next to a note, a dozen of them: what a small picture can show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import chain

from site_builder.analysis.connected import concept_edges
from site_builder.graph import ConceptGraph, EdgeType, NodeType

_SHOWN = 12


class Neighbors:
    """The notes next to each note, those that it shares most links with first; a requirement counts as several."""

    def __init__(self, graph: ConceptGraph) -> None:
        weights: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for edge in concept_edges(graph):
            if graph.nodes[edge.target].type is NodeType.NOTE:
                weight = 3 if edge.type is EdgeType.REQUIRES else 1
                weights[edge.source][edge.target] += weight
                weights[edge.target][edge.source] += weight
        self._joined: Mapping[str, Mapping[str, int]] = weights

    def nearest(self, node: str) -> tuple[str, ...]:
        """Return a dozen neighbors at most; of those with as many links, the ones that have fewer neighbors."""
        near = self._near(node)
        return tuple(sorted(near, key=lambda each: (-near[each], len(self._joined[each]), each))[:_SHOWN])

    def left_out(self, node: str) -> int:
        """Return how many neighbors of a node are not among the nearest."""
        return max(0, len(self._near(node)) - _SHOWN)

    def around(self, node: str, enough: int) -> int:
        """Return how many nodes lie one or two links away, as far as `enough`."""
        found: set[str] = set()
        near = self._near(node)
        for other in chain(near, *(self._joined[each] for each in near)):  # of thousands it looks at a few
            if len(found) >= enough:
                break
            found.add(other)
            found.discard(node)
        return len(found)

    def _near(self, node: str) -> Mapping[str, int]:
        return self._joined.get(node, {})
