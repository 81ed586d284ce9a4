"""Answers to questions about the graph, as lines for people and as data for programs. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from site_builder.analysis.duplicates import NearDuplicate
from site_builder.analysis.mentions import Mention, link_for
from site_builder.analysis.paths import Step
from site_builder.analysis.related import Related, reasons
from site_builder.analysis.requirements import Circle, ReadingOrders
from site_builder.analysis.stats import Stats
from site_builder.concepts import Concepts
from site_builder.diagnostics import Diagnostic
from site_builder.graph import ConceptGraph, Edge, EdgeType, note_node
from site_builder.names import NoteId
from site_builder.rules.requires_cycle import diagnose_circle

_LISTED = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is JSON; `found` is whether there is any; `diagnostics` are what is wrong on the way."""

    data: Any
    lines: tuple[str, ...]
    found: bool = True
    diagnostics: tuple[Diagnostic, ...] = ()


def path(graph: ConceptGraph, start: str, goal: str, steps: Sequence[Step] | None) -> Answer:
    """Say how two concepts are connected, or that they are not."""
    if steps is None:
        said = f"no chain of links joins {_title(start, graph)} and {_title(goal, graph)}"
        return Answer(None, (said,), found=False)
    names = [_title(start, graph), *(_title(step.target, graph) for step in steps)]
    data = [
        {"source": step.source, "target": step.target, "forward": step.forward, **_edge(step.edge)} for step in steps
    ]
    return Answer(data, (" – ".join(names), *(line for step in steps for line in _step(step, graph))))


def _step(step: Step, graph: ConceptGraph) -> Iterator[str]:
    edge = step.edge
    arrow = "→" if step.forward else "←"
    kind = "" if edge.type is EdgeType.LINKS else f"  ({edge.type.value})"
    yield f"{_title(step.source, graph)} {arrow} {_title(step.target, graph)}{kind}"
    yield f"    {edge.path}:{edge.line}:{edge.column}{f'  {edge.context}' if edge.context else ''}"


def related(graph: ConceptGraph, note: NoteId, found: Sequence[Related]) -> Answer:
    """Say which notes have most in common with one, and what."""
    if not found:
        said = f"no other note shares links, cited works or telling words with {_title(note_node(note), graph)}"
        return Answer([], (said,), found=False)
    data = [
        {
            "note": each.note,
            "score": each.score,
            "linked": each.linked,
            "shared": {bond.name.lower(): list(names) for bond, names in each.shared.items()},
        }
        for each in found
    ]
    return Answer(data, tuple(_related(each, graph) for each in found))


def _related(each: Related, graph: ConceptGraph) -> str:
    why = "; ".join(reasons(each, lambda node: _title(node, graph)))
    return f"{each.score:.2f}  {_title(note_node(each.note), graph)}: {why}{' (linked)' if each.linked else ''}"


def order(concepts: Concepts, found: Sequence[str], orders: ReadingOrders) -> Answer:
    """Say what to read first, one a line; a circle on the way is a diagnostic."""
    graph, why = concepts.graph, orders.reasons(found)
    data = [{"node": node, "title": _title(node, graph), "for": list(why[node])} for node in found]
    lines = []
    for number, node in enumerate(found, 1):
        said = f"  for {', '.join(_title(each, graph) for each in why[node])}" if why[node] else ""
        lines.append(f"{number}. {_title(node, graph)}{'' if node in concepts.urls else ' (not written)'}{said}")
    met = [circle for circle in orders.circles if _on_the_way(circle, found)]
    return Answer(data, tuple(lines), diagnostics=tuple(diagnose_circle(circle, concepts.vault) for circle in met))


def _on_the_way(circle: Circle, found: Sequence[str]) -> bool:
    return any(each.source in found for each in circle.requirements)


def stats(graph: ConceptGraph, found: Stats, alike: Sequence[NearDuplicate]) -> Answer:
    """Say what the graph holds; of long lists, the first."""
    data = {**asdict(found), "near_duplicates": [asdict(each) for each in alike]}
    title = _titles(graph)
    lines = [
        "nodes: " + _kinds(found.nodes),
        "edges: " + _kinds(found.edges),
        *_list("most central (PageRank)", [f"{rank:.4f}  {title(node)}" for node, rank in found.central]),
        *_list("orphans", [title(node) for node in found.orphans]),
        *_list(
            "wanted",
            [f"{title(w.node)}  {_counted(w.mentions, 'link')} in {_counted(w.notes, 'note')}" for w in found.wanted],
        ),
        *_list("bridges", [f"{title(first)} – {title(last)}" for first, last in found.bridges]),
        *_list("communities", [_community(each.members, graph) for each in found.communities]),
        *_list("names alike", [_alike(each) for each in alike]),
    ]
    return Answer(data, tuple(lines))


def _kinds(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _alike(each: NearDuplicate) -> str:
    """Name two concepts, with their files where they have one name."""
    if each.first_name != each.last_name:
        return f"{each.first_name} – {each.last_name}"
    first, last = (node.partition(":")[2] for node in (each.first, each.last))
    return f"{each.first_name}: {first} – {last}"


def _titles(graph: ConceptGraph) -> Any:
    return lambda node: _title(node, graph)


def _community(members: Sequence[str], graph: ConceptGraph) -> str:
    named = ", ".join(_title(node, graph) for node in members[:5])
    return f"{_counted(len(members), 'note')}: {named}{' …' if len(members) > 5 else ''}"


def _list(head: str, items: Sequence[str]) -> Iterator[str]:
    yield f"{head}: {len(items)}"
    yield from (f"    {item}" for item in items[:_LISTED])
    if len(items) > _LISTED:
        yield f"    … and {len(items) - _LISTED} more, which --json lists"


def mentions(concepts: Concepts, found: Iterable[Mention]) -> Answer:
    """Say where names stand without a link, and the link to write."""
    data = [_mention(each, concepts) for each in found]
    lines = (f"{each['path']}:{each['line']}:{each['column']}: {each['written']} → {each['link']}" for each in data)
    return Answer(data, tuple(lines))


def _mention(each: Mention, concepts: Concepts) -> dict[str, Any]:
    line, column = concepts.vault.notes[each.source].source.position(each.span.start)
    place = {"path": each.source, "line": line, "column": column, "written": each.written}
    return {**place, "note": each.target, "link": link_for(each, concepts.vault.index)}


def _edge(edge: Edge) -> dict[str, Any]:
    place = {"path": edge.path, "line": edge.line, "column": edge.column, "context": edge.context}
    return {"type": edge.type.value, **place}


def _title(node: str, graph: ConceptGraph) -> str:
    return graph.nodes[node].title
