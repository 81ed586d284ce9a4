"""The concept graph drawn as SVG, laid out at build time. Knows no pages."""

from __future__ import annotations

import importlib
import math
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from site_builder.graph import ConceptGraph, EdgeType, Node, NodeType

_WIDTH, _HEIGHT, _MARGIN = 1200.0, 860.0, 70.0
_LETTER = 7.0  # the width of a letter of a label, on average
_LINE = 15.0
_SEED = 2017


class _Dot(NamedTuple):
    """A node in the picture."""

    node: Node
    x: float
    y: float
    radius: float


def draw_graph(nodes: Sequence[Node], graph: ConceptGraph, urls: Mapping[str, str]) -> str:
    """Draw nodes and what connects them; a node that nothing connects is left out. `urls` are addresses to link to."""
    pairs = _pairs(nodes, graph)
    connected = sorted({index for pair in pairs for index in pair}) or list(range(len(nodes)))
    number = {index: position for position, index in enumerate(connected)}
    drawn = [nodes[index] for index in connected]
    lines = [(number[a], number[b]) for a, b in pairs]
    dots = [
        _Dot(node, *place, _radius(node, graph)) for node, place in zip(drawn, _layout(len(drawn), lines), strict=True)
    ]
    edges = "".join(f'<line x1="{dots[a].x}" y1="{dots[a].y}" x2="{dots[b].x}" y2="{dots[b].y}"/>' for a, b in lines)
    circles = "".join(_circle(dot, urls) for dot in dots)
    said = f"Graph of {len(dots)} nodes and {len(lines)} connections; the list below says the same in words."
    return (
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="group" aria-label="{said}">'
        f'<g class="wt-graph__edges">{edges}</g><g class="wt-graph__nodes">{circles}</g>'
        f'<g class="wt-graph__labels" aria-hidden="true">{"".join(_labels(dots))}</g></svg>'
    )


def _pairs(nodes: Sequence[Node], graph: ConceptGraph) -> list[tuple[int, int]]:
    index = {node.id: position for position, node in enumerate(nodes)}
    ends = (
        (index[edge.source], index[edge.target])
        for edge in graph.edges
        if edge.type is not EdgeType.TAGGED and edge.source in index and edge.target in index
    )
    return sorted({(min(pair), max(pair)) for pair in ends if pair[0] != pair[1]})


def _radius(node: Node, graph: ConceptGraph) -> float:
    degree = len(graph.incoming.get(node.id, ())) + len(graph.outgoing.get(node.id, ()))
    return round(4 + math.sqrt(min(degree, 60)) * 1.2, 1)


def _layout(count: int, pairs: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Place nodes by their distances in the graph, then even out the crowd in the middle; the same on every run."""
    igraph = _igraph()
    igraph.set_random_number_generator(random.Random(_SEED))
    layout = igraph.Graph(count, pairs).layout_kamada_kawai()
    layout.center()
    by_distance = sorted(range(count), key=lambda index: math.hypot(*layout[index]))
    places = [(0.0, 0.0)] * count
    for rank, index in enumerate(by_distance):
        x, y = layout[index]
        stretch = math.sqrt((rank + 0.5) / count) / (math.hypot(x, y) or 1.0)
        places[index] = (
            round(_WIDTH / 2 + x * stretch * (_WIDTH / 2 - _MARGIN), 1),
            round(_HEIGHT / 2 + y * stretch * (_HEIGHT / 2 - _MARGIN), 1),
        )
    return places


def _igraph() -> Any:
    """Import igraph, which only this picture needs, without its drawing: that would load matplotlib."""
    unloaded = "matplotlib" not in sys.modules
    if unloaded:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]  # an import of it fails, as where it is not installed
    try:
        return importlib.import_module("igraph")
    finally:
        if unloaded:
            del sys.modules["matplotlib"]


def _circle(dot: _Dot, urls: Mapping[str, str]) -> str:
    title = escape(dot.node.title, quote=False)
    shape = f'<circle class="wt-node wt-node--{dot.node.type.value}" cx="{dot.x}" cy="{dot.y}" r="{dot.radius}"/>'
    inner = f"<g><title>{title}</title>{shape}</g>"
    url = urls.get(dot.node.id)
    if url is None:
        return inner
    return f'<a href="{escape(url)}" aria-label="{escape(dot.node.title)}" tabindex="-1">{inner}</a>'


def _labels(dots: Sequence[_Dot]) -> Iterator[str]:
    """Name the notes, the best linked first, each above or below its dot where no other label or dot is in the way."""
    taken = [(dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius) for dot in dots]
    for dot in sorted(dots, key=lambda dot: (-dot.radius, dot.node.id)):
        if dot.node.type is not NodeType.NOTE:
            continue
        name = dot.node.title if len(dot.node.title) <= 30 else dot.node.title[:29] + "…"
        half = len(name) * _LETTER / 2
        for base in (dot.y - dot.radius - 4, dot.y + dot.radius + _LINE - 2):
            box = dot.x - half, base - _LINE + 3, dot.x + half, base + 3
            if not any(_overlap(box, other) for other in taken):
                taken.append(box)
                yield f'<text x="{dot.x}" y="{round(base, 1)}" text-anchor="middle">{escape(name, quote=False)}</text>'
                break


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
