"""The graph as the graph page draws it: what is shown, how large, in which color, where; and the file that holds it.

`docs/graph.md` describes the file. Knows no HTML.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

from site_builder.analysis.connected import Numbered
from site_builder.analysis.layout import Place, lay_out
from site_builder.analysis.stats import Community, centrality, communities
from site_builder.cache import Cache, content_key
from site_builder.graph import ConceptGraph, EdgeType, Node, NodeType
from site_builder.names import SitePath, quote_path

MAP = SitePath("assets/wikitorch/graph-map.json")
DRAWN = (NodeType.NOTE, NodeType.WANTED, NodeType.MODEL, NodeType.REFERENCE)
COLORS = 10
"""Colors that communities have; of two that are linked most, each has its own."""

_VERSION = 1
_KIND = "layouts"
_METHOD = "3"  # changes with the method, so that what an older one placed is not taken for its work
_FINE = 65535


@dataclass(frozen=True, slots=True)
class GraphMap:
    """The nodes that are drawn, by id, and the pairs that an edge joins; `groups` are communities, largest first."""

    nodes: tuple[Node, ...]
    numbered: Numbered
    central: Mapping[str, float]
    groups: tuple[Community, ...]

    def membership(self) -> list[int]:
        """Return the number of each node's community, -1 where it has none."""
        found = {id_: number for number, group in enumerate(self.groups) for id_ in group.members}
        return [found.get(id_, -1) for id_ in self.numbered.ids]


def drawn_nodes(graph: ConceptGraph) -> tuple[Node, ...]:
    """Return the nodes that are drawn, by id."""
    return tuple(sorted((node for node in graph.nodes.values() if node.type in DRAWN), key=lambda node: node.id))


def map_graph(graph: ConceptGraph) -> GraphMap:
    """Find out what is drawn of a graph; the same graph gives the same, in whatever order it was read."""
    nodes = drawn_nodes(graph)
    number = {node.id: index for index, node in enumerate(nodes)}
    pairs = {
        (number[edge.source], number[edge.target])
        for edge in graph.edges
        if edge.type is not EdgeType.TAGGED and edge.source in number and edge.target in number
    }
    numbered = Numbered(tuple(number), tuple(sorted(pair for pair in pairs if pair[0] != pair[1])))
    central = centrality(numbered)
    return GraphMap(nodes, numbered, central, communities(numbered, central))


def map_file(graph: ConceptGraph, tags: Mapping[str, Iterable[str]], urls: Mapping[str, SitePath], cache: Cache) -> str:
    """Return the file of the graph page; `tags` gives the ids of the notes under each tag."""
    drawn = map_graph(graph)
    number = {node.id: index for index, node in enumerate(drawn.nodes)}
    membership = drawn.membership()
    places = _kept_places(drawn.numbered, membership, cache)
    most = max(drawn.central.values(), default=1.0) or 1.0
    return _json(
        {
            "version": _VERSION,
            "types": [kind.value for kind in DRAWN],
            "type": [DRAWN.index(node.type) for node in drawn.nodes],
            "name": [node.id.partition(":")[2] for node in drawn.nodes],
            "title": [node.title for node in drawn.nodes],
            "url": [quote_path(urls[node.id]) if node.id in urls else None for node in drawn.nodes],
            "x": [round(x * _FINE) for x, _ in places],
            "y": [round(y * _FINE) for _, y in places],
            "rank": [round(100 * sqrt(drawn.central[node.id] / most)) for node in drawn.nodes],
            "group": membership,
            "groups": [number[_center(group)] for group in drawn.groups],
            "colors": group_colors(drawn.numbered.pairs, membership, len(drawn.groups)),
            **_neighbors(drawn.numbered),
            "tags": {tag: _steps(sorted(number[each] for each in notes)) for tag, notes in tags.items()},
        }
    )


def _center(group: Community) -> str:
    """Return the node that a community is named after: its most central note, if it has one."""
    return next((each for each in group.members if each.startswith(f"{NodeType.NOTE.value}:")), group.members[0])


def group_colors(pairs: Iterable[tuple[int, int]], membership: Sequence[int], groups: int) -> list[int]:
    """Give each community a color: one that the communities it is linked with most do not have."""
    between = Counter((membership[a], membership[b]) for a, b in pairs if membership[a] != membership[b])
    colors: list[int] = []
    for group in range(groups):
        linked = Counter[int]()
        for other, color in enumerate(colors):
            linked[color] += between[group, other] + between[other, group]
        used = Counter(colors)
        colors.append(min(range(COLORS), key=lambda color: (linked[color], used[color], color)))
    return colors


def _kept_places(numbered: Numbered, membership: Sequence[int], cache: Cache) -> Sequence[Place]:
    """Lay out a graph, or take what an equal graph was given: 10,000 nodes take seconds."""
    key = content_key(_METHOD, _json([len(numbered.ids), numbered.pairs, membership]))
    kept: Any = cache.get(_KIND, key)
    if kept is None:
        kept = lay_out(numbered, membership)
        cache.put(_KIND, {key: kept})
    return [(x, y) for x, y in kept]


def _neighbors(numbered: Numbered) -> Mapping[str, list[int]]:
    """Return for each node how many neighbors of a higher number it has, and the steps from one to the next."""
    found: list[list[int]] = [[] for _ in numbered.ids]
    for first, last in sorted({(min(pair), max(pair)) for pair in numbered.pairs}):
        found[first].append(last)
    steps = (step for node, each in enumerate(found) for step in _steps([node, *each])[1:])
    return {"degree": [len(each) for each in found], "steps": list(steps)}


def _steps(numbers: Sequence[int]) -> list[int]:
    """Return the first number, and the steps from each to the next: small numbers, which compress better."""
    return [*numbers[:1], *(last - first for first, last in pairwise(numbers))]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
