"""What to read before what: requirements, the circles in them, and the order that they leave."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from site_builder.graph import ConceptGraph, EdgeType


@dataclass(frozen=True, slots=True)
class Requirement:
    """`source` asks for `target` to be read first, in the properties of its note at `place`: path, line, column.

    `mentions` counts the links and embeds from the note's text to what it requires: how much it makes of it.
    """

    source: str
    target: str
    place: tuple[str, int, int]
    mentions: int


@dataclass(frozen=True, slots=True)
class Circle:
    """Requirements that lead back to where they began; the last of them, the weakest, is left out of every order."""

    requirements: tuple[Requirement, ...]

    @property
    def broken(self) -> Requirement:
        return self.requirements[-1]


def read_requirements(graph: ConceptGraph) -> tuple[Requirement, ...]:
    """Return what the published notes require, each pair once, as first written; not what requires itself."""
    mentions = Counter(
        (edge.source, edge.target) for edge in graph.edges if edge.type in (EdgeType.LINKS, EdgeType.EMBEDS)
    )
    found: dict[tuple[str, str], Requirement] = {}
    for edge in graph.edges:
        pair = edge.source, edge.target
        if edge.type is EdgeType.REQUIRES and edge.source != edge.target and pair not in found:
            found[pair] = Requirement(*pair, (edge.path, edge.line, edge.column), mentions[pair])
    return tuple(found.values())


def break_circles(requirements: Iterable[Requirement]) -> tuple[tuple[Requirement, ...], tuple[Circle, ...]]:
    """Return the requirements that are left when every circle is broken at its weakest, and the circles.

    The weakest requirement of a circle is the one whose note links least often to what it requires; of equals, the
    one that is written last, by path and place.
    """
    given = tuple(requirements)
    component = _components(given)
    circular = [each for each in given if component.get(each.source, -1) == component.get(each.target, -2)]
    accepted: defaultdict[str, list[Requirement]] = defaultdict(list)
    circles = []
    for each in sorted(circular, key=lambda each: (-each.mentions, each.place, each.target)):
        chain = _chain(accepted, each.target, each.source)
        if chain is None:
            accepted[each.source].append(each)
        else:
            circles.append(Circle((*chain, each)))
    broken = {circle.broken for circle in circles}
    return tuple(each for each in given if each not in broken), tuple(circles)


def _components(requirements: Sequence[Requirement]) -> Mapping[str, int]:
    """Number the sets of nodes that require each other; nodes in no circle are left out."""
    left = _in_circles(requirements)
    if not left:
        return {}
    import networkx  # slow to load, and most vaults have no circle

    view: networkx.DiGraph[str] = networkx.DiGraph(
        (each.source, each.target) for each in requirements if each.source in left and each.target in left
    )
    found = networkx.strongly_connected_components(view)
    return {node: number for number, nodes in enumerate(found) for node in nodes if len(nodes) > 1}


def _in_circles(requirements: Sequence[Requirement]) -> set[str]:
    """Return the nodes that are left when those that nothing left requires are taken away, again and again."""
    targets: defaultdict[str, list[str]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for each in requirements:
        targets[each.source].append(each.target)
        counts[each.target] += 1
    left = {*targets, *counts}
    free = deque(node for node in left if not counts[node])
    while free:
        node = free.popleft()
        left.discard(node)
        for target in targets[node]:
            counts[target] -= 1
            if not counts[target]:
                free.append(target)
    return left


def _chain(accepted: Mapping[str, Sequence[Requirement]], start: str, goal: str) -> tuple[Requirement, ...] | None:
    """Return the shortest chain of accepted requirements from one node to another; None when there is none."""
    came_by: dict[str, Requirement] = {}
    frontier = [start]
    while frontier and goal not in came_by:
        reached = []
        for node in frontier:
            for each in accepted.get(node, ()):
                if each.target not in came_by and each.target != start:
                    came_by[each.target] = each
                    reached.append(each.target)
        frontier = reached
    return tuple(_backwards(came_by, start, goal))[::-1] if goal in came_by else None


def _backwards(came_by: Mapping[str, Requirement], start: str, goal: str) -> Iterator[Requirement]:
    node = goal
    while node != start:
        yield came_by[node]
        node = came_by[node].source


class ReadingOrders:
    """The requirements of a graph, put in order for any concept."""

    def __init__(self, graph: ConceptGraph) -> None:
        kept, self.circles = break_circles(read_requirements(graph))
        self._required: defaultdict[str, list[str]] = defaultdict(list)
        self._requiring: defaultdict[str, list[str]] = defaultdict(list)
        for each in kept:
            self._required[each.source].append(each.target)
            self._requiring[each.target].append(each.source)

    def order(self, goal: str, limit: int | None = None) -> tuple[str, ...]:
        """Return what to read, in this order, to reach a concept: all that it requires, and it at the end.

        Where the order is free, it is the one in which the notes list what they require. With a `limit`, only that
        many of the concepts are there, those that the fewest requirements separate from the goal.
        """
        within = self._nearest(goal, limit)
        done: dict[str, None] = {}
        opened = {goal}
        stack = [(goal, iter(self._required.get(goal, ())))]
        while stack:
            node, following = stack[-1]
            target = next((each for each in following if each not in opened and each in within), None)
            if target is None:
                done[node] = None
                stack.pop()
            else:
                opened.add(target)
                stack.append((target, iter(self._required.get(target, ()))))
        return tuple(done)

    def _nearest(self, goal: str, limit: int | None) -> Collection[str]:
        reached = {goal: None}
        queue = deque([goal])
        while queue:
            for target in self._required.get(queue.popleft(), ()):
                if len(reached) == limit:
                    return reached
                if target not in reached:
                    reached[target] = None
                    queue.append(target)
        return reached

    def reasons(self, order: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Return for each concept of an order those of the same order that require it."""
        return {node: tuple(each for each in order if node in self._required.get(each, ())) for node in order}

    def goals(self) -> tuple[str, ...]:
        """Return the concepts that require others and that no other requires, the ends of longer chains first."""
        depths = self._depths()
        ends = (node for node in depths if self._required.get(node) and not self._requiring.get(node))
        return tuple(sorted(ends, key=lambda node: (-depths[node], node)))

    def _depths(self) -> Mapping[str, int]:
        """Return how many concepts the longest chain of requirements from each one has."""
        left = {node: len(targets) for node, targets in self._required.items()}
        depths = {node: 1 for node in self._requiring if not left.get(node)}
        free = deque(depths)
        while free:
            node = free.popleft()
            for source in self._requiring.get(node, ()):
                depths[source] = max(depths.get(source, 0), depths[node] + 1)
                left[source] -= 1
                if not left[source]:
                    free.append(source)
        return depths
