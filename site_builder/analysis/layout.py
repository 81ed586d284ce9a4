"""Where each node of a graph lies in a picture: linked near each other, communities apart. Knows no pixels.

The largest part that hangs together lies in the middle, placed by Fruchterman and Reingold's method; the others stand
in columns from the left edge, in the corner that it leaves free below, and beside it where that is full.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence

from site_builder.analysis.connected import Numbered, load_igraph

Place = tuple[float, float]

_PULL_INSIDE, _PULL_ACROSS = 4.0, 0.4  # of an edge within a community, and between two
_STEPS = 500
_CROWD = 0.9  # of the nodes keep their distance from the middle; those beyond are drawn in
_FEW, _PUSHES, _ROOM = 2_000, 30, 1.2  # where a node has room of its own, were it as far from all others as the mean
_GAP = 2.0  # between parts, where a node takes the area of a circle of radius 1
_LIST = 12  # nodes of their own that stand in one column


def lay_out(numbered: Numbered, communities: Sequence[int]) -> list[Place]:
    """Return a place for each node, from 0 to 1 both ways; `communities` gives the number of each node's, or -1.

    Equal graphs have equal places, in whatever order they were read.
    """
    view = numbered.undirected()
    parts: list[list[int]] = sorted(view.connected_components(), key=lambda part: (-len(part), part))
    spread = [_spread(view, part, communities) for part in parts]
    sizes = [2 * _radius(part) + _GAP for part in parts]
    places: list[Place] = [(0.0, 0.0)] * len(numbered.ids)
    for part, near, (left, top) in zip(parts, spread, _pack(spread, sizes), strict=True):
        for node, (x, y) in zip(part, near, strict=True):
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
    return math.sqrt(len(part)) - 0.4 if len(part) > 1 else 0.0  # a pair lies as far apart as two single nodes


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
    """Lay places along the line, draw the stragglers nearer to the crowd, and scale all to a radius."""
    lying = _turn(places)
    crowd = sorted(math.hypot(*place) for place in lying)[int(_CROWD * (len(places) - 1))] or 1.0
    near = [_drawn_in(x / crowd, y / crowd) for x, y in lying]
    scale = radius / (max(math.hypot(*place) for place in near) or 1.0)
    return [(x * scale, y * scale) for x, y in near]


def _turn(places: Sequence[Place]) -> list[Place]:
    """Turn places about their middle so that they lie along the line."""
    left, top = (sum(values) / len(places) for values in zip(*places, strict=True))
    moved = [(x - left, y - top) for x, y in places]
    across = sum(x * y for x, y in moved)
    turn = math.atan2(2 * across, sum(x * x - y * y for x, y in moved)) / 2
    cos, sin = math.cos(turn), math.sin(turn)
    return [(x * cos + y * sin, y * cos - x * sin) for x, y in moved]


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


def _pack(parts: Sequence[Sequence[Place]], sizes: Sequence[float]) -> list[Place]:
    """Return middles for parts, the largest first: that one in the middle, if it is as large as all others together."""
    area = sum(size * size for size in sizes)
    half = math.sqrt(area) / 2
    if not parts or 2 * sizes[0] ** 2 < area:
        return list(_columns(sizes, [], (0.0, math.inf), (-half, half)))
    middle, others = sorted(parts[0]), sizes[1:]
    half = max(max(abs(y) for _, y in middle) + _GAP / 2, max(others, default=0.0) / 2)
    high = max(_LIST * _GAP, 1.5 * math.sqrt(area - sizes[0] ** 2))
    left, wider = middle[0][0] - _GAP / 2, 0.0
    while True:
        found = list(_columns(others, middle, (left - wider, 0.0), (max(-half, half - high), half)))
        if len(found) == len(others):
            return [(0.0, 0.0), *found]
        wider += _GAP / 2 + wider / 8


def _columns(
    sizes: Sequence[float], middle: Sequence[Place], width: tuple[float, float], height: tuple[float, float]
) -> Iterator[Place]:
    """Yield middles for squares in columns from the left, each from the bottom up to the places in the middle."""
    (left, end), rest = width, deque(sizes)
    while rest and left + rest[0] <= end:
        right, (top, bottom) = left + rest[0], height
        top = max([top, *(y + _GAP / 2 for y in _between(middle, left - _GAP / 2, right + _GAP / 2))])
        while rest and rest[0] <= bottom - top:
            yield left + rest[0] / 2, bottom - rest[0] / 2
            bottom -= rest.popleft()
        left = right


def _between(places: Sequence[Place], left: float, right: float) -> Iterator[float]:
    """Yield how low the places lie, of those, ordered from the left, that are between two lines."""
    first, last = (bisect_left(places, (line, -math.inf)) for line in (left, right))
    return (y for _, y in places[first:last])
