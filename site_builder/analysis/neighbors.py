"""The notes around a note, one to three links away, a few of each distance: what a small picture can show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from site_builder.analysis.connected import concept_edges
from site_builder.graph import ConceptGraph, EdgeType, NodeType

_SHOWN = (12, 8, 6)  # notes one, two and three links away
_LINES = 2  # from a node to the ring before; more would be a thicket
_LOOKED_AT = 40  # neighbors of a note that can be chosen; a note linked from thousands would be walked for each of them


class Neighbors:
    """The notes next to each note, those that it shares most links with first; a requirement counts as several."""

    def __init__(self, graph: ConceptGraph) -> None:
        weights: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for edge in concept_edges(graph):
            if graph.nodes[edge.target].type is NodeType.NOTE:
                weight = 3 if edge.type is EdgeType.REQUIRES else 1
                weights[edge.source][edge.target] += weight
                weights[edge.target][edge.source] += weight
        self._joined = weights
        self._nearest: Mapping[str, Sequence[str]] = {
            node: sorted(near, key=lambda each: (-near[each], len(weights[each]), each))[:_LOOKED_AT]
            for node, near in weights.items()
        }

    def rings(self, node: str) -> tuple[tuple[str, ...], ...]:
        """Return the nodes one, two and three links away, at most a dozen: those with most links to the ring before."""
        rings: list[tuple[str, ...]] = [(node,)]
        known = {node}
        while len(rings) <= len(_SHOWN):
            reached = Counter(
                other for each in rings[-1] for other in self._nearest.get(each, ()) if other not in known
            )
            known.update(reached)
            best = sorted(reached, key=lambda each: -reached[each])  # of equals those first reached: the nearest
            if not best:
                break
            rings.append(tuple(best[: _SHOWN[len(rings) - 1]]))
        return tuple(rings[1:])

    def left_out(self, node: str) -> int:
        """Return how many neighbors of a node are not in its first ring."""
        return max(0, len(self._joined.get(node, ())) - _SHOWN[0])

    def pairs(self, rings: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
        """Return which nodes of neighboring rings are joined, as (nearer, farther), at most two for each farther."""
        return tuple(
            (first, other)
            for nearer, farther in pairwise(rings)
            for other in farther
            for first in [each for each in nearer if other in self._joined[each]][:_LINES]
        )
