"""What to read, in which order, to understand a concept: a page for each that requires others, three on the front."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from site_builder.analysis.requirements import Circle, ReadingOrders
from site_builder.graph import ConceptGraph, NodeType, note_node
from site_builder.names import FilePath, NoteId, SitePath, relative_url
from site_builder.render.connections import note_link
from site_builder.render.page import Section, minutes, render_head
from site_builder.render.site_view import SiteView
from site_builder.site import Page

_LONGEST = 100  # concepts of a path: nobody reads more before what they came for
_ON_FRONT = 3


def reading_path_address(page: SitePath) -> SitePath:
    return SitePath(f"{page}reading-path/")


def has_reading_path(note: NoteId, orders: ReadingOrders) -> bool:
    """Whether there is more to read before a note than one other: its page says that in its own line."""
    return len(orders.order(note_node(note), 3)) > 2


def reading_path_page(note: NoteId, orders: ReadingOrders, graph: ConceptGraph, view: SiteView) -> Page:
    """Return the page of what to read before a note, in order."""
    order = _order(note, orders)
    path = reading_path_address(view.paths[note])
    title = f"Reading path to {view.title(note)}"
    said = f"{_length(order, view)}. What a concept requires comes before it."
    why = orders.reasons(order)
    items = "".join(_item(node, why[node], graph, view, path) for node in order)
    html = render_head(escape(title, quote=False), said)
    html += f'<ol class="wt-reading-path">\n{items}</ol>\n{_circles(orders.circles, order, graph)}'
    return Page(path, None, title, said, html, ())


def reading_path_line(note: NoteId, orders: ReadingOrders, view: SiteView, page: SitePath, path: SitePath) -> str:
    """Say on a note's page where its reading path is; `path` is the address of that."""
    order = _order(note, orders)
    url = escape(relative_url(page, path))
    return f'<p class="wt-to-path"><a href="{url}">Reading path to here</a>: {_length(order, view)}.</p>\n'


def front_page_section(
    goals: Iterable[NoteId], orders: ReadingOrders, view: SiteView, page: SitePath
) -> Section | None:
    """Return the paths that the front page offers: to the concepts that need most before them."""
    items = []
    for note in list(goals)[:_ON_FRONT]:
        order = _order(note, orders)
        first = next((each for each in order if each in _notes(order, view)), None)
        url = escape(relative_url(page, reading_path_address(view.paths[note])))
        link = f'<a href="{url}">To {escape(view.title(note), quote=False)}</a>'
        start = f" from {note_link(_id(first), view, page)}" if first else ""
        items.append(f"<li>{link}{start}: {_length(order, view)}</li>\n")
    html = f'<ul class="wt-paths">\n{"".join(items)}</ul>\n'
    return Section("reading-paths", "Reading paths", html, searched=False) if items else None


def _order(note: NoteId, orders: ReadingOrders) -> Sequence[str]:
    return orders.order(note_node(note), _LONGEST)


def _length(order: Sequence[str], view: SiteView) -> str:
    notes = _notes(order, view)
    time = sum(minutes(view.notes[_id(node)]) for node in notes)
    count = f"{len(notes)} note{'s' if len(notes) != 1 else ''}"
    return f"{count}, about {max(1, round(time))} min" if notes else count


def _notes(order: Sequence[str], view: SiteView) -> Sequence[str]:
    return [node for node in order if node.startswith(f"{NodeType.NOTE.value}:") and _id(node) in view.paths]


def _item(node: str, why: Sequence[str], graph: ConceptGraph, view: SiteView, page: SitePath) -> str:
    names = ", ".join(graph.nodes[each].title for each in why)
    needed = f'<span class="wt-for">for {escape(names, quote=False)}</span>' if why else ""
    if not _notes([node], view):
        title = escape(graph.nodes[node].title, quote=False)
        return f'<li><span class="wanted-note" title="Not written yet">{title}</span> {needed}</li>\n'
    note = _id(node)
    description = view.notes[note].properties.text("description")
    said = f"<p>{escape(description, quote=False)}</p>" if description else ""
    return f"<li>{note_link(note, view, page)} {needed}{said}</li>\n"


def _circles(circles: Iterable[Circle], order: Sequence[str], graph: ConceptGraph) -> str:
    """Say where the order is a choice: concepts that require each other."""
    met = [each for each in circles if all(link.source in order for link in each.requirements)]
    lines = []
    for circle in met:
        names = " → ".join(graph.nodes[each.source].title for each in circle.requirements)
        first = graph.nodes[circle.requirements[0].source].title
        lines.append(f"<p>These require each other: {escape(f'{names} → {first}', quote=False)}.</p>\n")
    return "".join(lines)


def _id(node: str) -> NoteId:
    return NoteId(FilePath(node.partition(":")[2]))
