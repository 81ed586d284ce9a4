"""Where each node of a graph lies in a picture: linked near each other, communities apart. Knows no pixels.

The largest part that hangs together lies in the middle, placed by Fruchterman and Reingold's method; the others lie in
rings around it, the largest inside, single nodes at the rim.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from site_builder.analysis.connected import Numbered, load_igraph

Place = tuple[float, float]

_PULL_INSIDE, _PULL_ACROSS = 4.0, 0.4  # of an edge within a community, and between two
_STEPS = 500
_CROWD = 0.9  # of the nodes keep their distance from the middle; those beyond are drawn in
_WIDER = 2.0  # at most
_FEW, _PUSHES, _ROOM = 2_000, 30, 1.2  # where a node has room of its own, were it as far from all others as the mean
_GAP = 1.5  # between parts, where a node takes the area of a circle of radius 1


def lay_out(numbered: Numbered, communities: Sequence[int]) -> list[Place]:
    """Return a place for each node, from 0 to 1 both ways; `communities` gives the number of each node's, or -1.

    Equal graphs have equal places, in whatever order they were read.
    """
    view = numbered.undirected()
    parts: list[list[int]] = sorted(view.connected_components(), key=lambda part: (-len(part), part))
    places: list[Place] = [(0.0, 0.0)] * len(numbered.ids)
    for part, (left, top) in zip(parts, _pack([_radius(part) for part in parts]), strict=True):
        for node, (x, y) in zip(part, _spread(view, part, communities), strict=True):
            places[node] = left + x, top + y
    return _fill(places)


def _fill(places: Sequence[Place]) -> list[Place]:
    """Scale places to 0 to 1, each way by itself; those that do not differ lie in the middle."""
    if not places:
        return []
    columns = [_scaled(values) for values in zip(*places, strict=True)]
    return list(zip(*columns, strict=True))


def _scaled(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.5 for value in values]


def _radius(part: Sequence[int]) -> float:
    return math.sqrt(len(part)) if len(part) > 1 else 0.0


def _spread(view: object, part: Sequence[int], communities: Sequence[int]) -> list[Place]:
    """Place the nodes of one part about the middle, within its radius."""
    if len(part) == 1:
        return [(0.0, 0.0)]
    igraph = load_igraph()  # seeds where the nodes begin
    number = {node: index for index, node in enumerate(part)}
    edges = view.induced_subgraph(part).get_edgelist()  # type: ignore[attr-defined]
    same = (communities[part[a]] == communities[part[b]] for a, b in edges)
    weights = [_PULL_INSIDE if each else _PULL_ACROSS for each in same]
    layout = igraph.Graph(len(number), edges).layout_fruchterman_reingold(weights=weights, niter=_STEPS)
    return _part(_gather([(x, y) for x, y in layout], _radius(part)))


def _gather(places: Sequence[Place], radius: float) -> list[Place]:
    """Make the crowd round, draw the stragglers nearer to it, and scale all to a radius."""
    rounded = _round(places)
    crowd = sorted(math.hypot(*place) for place in rounded)[int(_CROWD * (len(places) - 1))] or 1.0
    near = [_drawn_in(x / crowd, y / crowd) for x, y in rounded]
    scale = radius / (max(math.hypot(*place) for place in near) or 1.0)
    return [(x * scale, y * scale) for x, y in near]


def _round(places: Sequence[Place]) -> list[Place]:
    """Turn places so that they lie along the line, about their middle, and widen what is narrow in them."""
    left, top = (sum(values) / len(places) for values in zip(*places, strict=True))
    moved = [(x - left, y - top) for x, y in places]
    across = sum(x * y for x, y in moved)
    turn = math.atan2(2 * across, sum(x * x - y * y for x, y in moved)) / 2
    cos, sin = math.cos(turn), math.sin(turn)
    lying = [(x * cos + y * sin, y * cos - x * sin) for x, y in moved]
    long, high = (math.sqrt(sum(value * value for value in values)) for values in zip(*lying, strict=True))
    wider = min(_WIDER, long / high) if high else 1.0
    return [(x, y * wider) for x, y in lying]


def _drawn_in(x: float, y: float) -> Place:
    """Keep a place up to a distance of 1; what is beyond comes nearer than 1.3, in the same order."""
    distance = math.hypot(x, y)
    if distance <= 1:
        return x, y
    to = (1 + 0.3 * math.tanh((distance - 1) / 0.3)) / distance
    return x * to, y * to


def _part(places: Sequence[Place]) -> list[Place]:
    """Push nodes that lie upon each other apart, where there are few enough for each to be seen."""
    moved = list(places)
    for _ in range(_PUSHES if len(places) <= _FEW else 0):
        cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for node, (x, y) in enumerate(moved):
            cells[int(x // _ROOM), int(y // _ROOM)].append(node)
        pushes = [_push(node, moved, cells) for node in range(len(moved))]
        moved = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(moved, pushes, strict=True)]
    return moved


def _push(node: int, places: Sequence[Place], cells: Mapping[tuple[int, int], Sequence[int]]) -> Place:
    """Return how far the nodes around push one away."""
    x, y = places[node]
    column, row = int(x // _ROOM), int(y // _ROOM)
    right, down = 0.0, 0.0
    for near in ((column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
        for other in cells.get(near, ()):
            dx, dy = x - places[other][0], y - places[other][1]
            distance = math.hypot(dx, dy)
            if other != node and distance < _ROOM:
                share = 0.4 * (_ROOM - distance) / (distance or 1.0)
                right, down = right + (dx or node - other) * share, down + dy * share
    return right, down


def _pack(radii: Sequence[float]) -> Iterator[Place]:
    """Yield middles for circles that do not meet: the first in the middle, the others in rings about it."""
    if not radii:
        return
    yield 0.0, 0.0
    distance, rest = radii[0], radii[1:]
    while rest:
        distance += rest[0] + _GAP
        ring = _ring(rest, distance)
        used = sum(width for _, width in ring)
        turn = 0.0
        for _, width in ring:
            turn += width / 2
            yield distance * math.cos(turn / used * math.tau), distance * math.sin(turn / used * math.tau)
            turn += width / 2
        distance += rest[0]
        rest = rest[len(ring) :]


def _ring(radii: Sequence[float], distance: float) -> list[tuple[float, float]]:
    """Return the first circles that fit into a ring, each with the angle that it takes."""
    ring: list[tuple[float, float]] = []
    left = math.tau
    for radius in radii:
        width = 2 * math.asin(min(1.0, (radius + _GAP / 2) / distance))
        if ring and width > left:
            break
        left -= width
        ring.append((radius, width))
    return ring
