"""How two concepts are connected: the shortest chain of links between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from site_builder.analysis.connected import CONCEPTS
from site_builder.graph import ConceptGraph, Edge


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a chain, from one concept to the next; `edge` may point either way."""

    source: str
    target: str
    edge: Edge

    @property
    def forward(self) -> bool:
        """Whether the first of the two is the one that links."""
        return self.edge.source == self.source


def shortest_path(graph: ConceptGraph, start: str, goal: str) -> tuple[Step, ...] | None:
    """Return the shortest chain from one node to another over links in either direction; None when there is none.

    It goes through notes and wanted notes only, for two notes that cite one paper, or have a tag in common, would
    all be neighbors. Of chains of one length it is the one whose links are written first.
    """
    ends = {start, goal}
    came_from = {start: ""}
    frontier: Sequence[str] = (start,)
    while frontier and goal not in came_from:
        reached = []
        for node in frontier:
            for neighbor in _neighbors(graph, node, ends):
                if neighbor not in came_from:
                    came_from[neighbor] = node
                    reached.append(neighbor)
        frontier = reached
    return tuple(_steps(graph, goal, came_from))[::-1] if goal in came_from else None


def _neighbors(graph: ConceptGraph, node: str, ends: Set[str]) -> Iterator[str]:
    for edge in graph.outgoing.get(node, ()):
        if edge.target in ends or graph.nodes[edge.target].type in CONCEPTS:
            yield edge.target
    for edge in graph.incoming.get(node, ()):
        if edge.source in ends or graph.nodes[edge.source].type in CONCEPTS:
            yield edge.source


def _steps(graph: ConceptGraph, goal: str, came_from: dict[str, str]) -> Iterator[Step]:
    node = goal
    while came_from[node]:
        before = came_from[node]
        yield Step(before, node, _best_edge(graph, before, node))
        node = before


def _best_edge(graph: ConceptGraph, source: str, target: str) -> Edge:
    """Of the edges between two nodes, prefer one that a sentence says, then one that points ahead, then the first."""
    ahead = [edge for edge in graph.outgoing.get(source, ()) if edge.target == target]
    back = [edge for edge in graph.incoming.get(source, ()) if edge.source == target]
    return min((*ahead, *back), key=lambda edge: (not edge.context, edge.source != source))
