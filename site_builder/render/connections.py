"""What a page says of its place in the graph: what it requires, what leads to it, what names it, what is like it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from site_builder.analysis.mentions import Mention, mention_events
from site_builder.analysis.related import Related, reasons
from site_builder.analysis.surroundings import Surroundings
from site_builder.context import sentence
from site_builder.graph import ConceptGraph, Edge, EdgeType, NodeType, note_node
from site_builder.names import Anchor, NoteId, SitePath, relative_url
from site_builder.note import Event, Note
from site_builder.render.local_graph import local_graph
from site_builder.render.page import Section
from site_builder.render.site_view import SiteView
from site_builder.render.state import PageState
from site_builder.render.writer import render_inline
from site_builder.site import TocEntry

_MENTIONS = (EdgeType.LINKS, EdgeType.EMBEDS)
_SHOWN = 20  # notes of a list that are in sight; the rest is folded
_MOST_MENTIONS = 60  # a page that thousands of notes name would be one long list


def required_notes(note: NoteId, graph: ConceptGraph) -> tuple[NoteId, ...]:
    """Return the notes to read before this one, as it lists them."""
    edges = graph.outgoing.get(note_node(note), ())
    return tuple(
        dict.fromkeys(_note(edge.target) for edge in edges if edge.type is EdgeType.REQUIRES and _is_note(edge.target))
    )


def requiring_notes(note: NoteId, graph: ConceptGraph) -> tuple[NoteId, ...]:
    edges = graph.incoming.get(note_node(note), ())
    return tuple(sorted({_note(edge.source) for edge in edges if edge.type is EdgeType.REQUIRES}))


def link_notes(notes: Iterable[NoteId], view: SiteView, page: SitePath) -> str:
    """Return links to notes, by title, with commas between."""
    return ", ".join(note_link(note, view, page) for note in notes)


def note_link(note: NoteId, view: SiteView, page: SitePath, css: str = "") -> str:
    extra = f' class="{css}"' if css else ""
    return (
        f'<a{extra} href="{escape(relative_url(page, view.paths[note]))}">{escape(view.title(note), quote=False)}</a>'
    )


def connections(
    note: NoteId, graph: ConceptGraph, around: Surroundings, view: SiteView, page: SitePath, reading_path: str
) -> Section | None:
    """Render what leads to a note and from it; nothing for a note that stands alone.

    `reading_path` is HTML that leads to the page of what to read first, where there is one.
    """
    first = [*_requirements(note, graph, view, page), reading_path, local_graph(note, around.neighbors, view, page)]
    listed = [
        ("Backlinks", Anchor("backlinks"), _backlinks(note, graph, view, page)),
        ("Related notes", Anchor("related-notes"), _related(around.related[note], graph, view, page)),
        ("Unlinked mentions", Anchor("unlinked-mentions"), _unlinked(around.mentions.get(note, ()), view, page)),
    ]
    toc = tuple(TocEntry(title, anchor, 3) for title, anchor, html in listed if html)
    parts = [*first, *(f'<h3 id="{anchor}">{title}</h3>\n{html}' for title, anchor, html in listed if html)]
    return Section("connections", "Connections", "".join(parts), toc, searched=False) if any(parts) else None


def _requirements(note: NoteId, graph: ConceptGraph, view: SiteView, page: SitePath) -> Iterator[str]:
    for css, label, notes in (
        ("requires", "Requires", required_notes(note, graph)),
        ("required-by", "Required by", requiring_notes(note, graph)),
    ):
        if notes:
            yield f'<p class="wt-{css}">{label} {link_notes(notes, view, page)}.</p>\n'


def _backlinks(note: NoteId, graph: ConceptGraph, view: SiteView, page: SitePath) -> str:
    node = note_node(note)
    edges = (edge for edge in graph.incoming.get(node, ()) if edge.type in _MENTIONS and edge.source != node)
    return mentions(edges, view, page)


def mentions(edges: Iterable[Edge], view: SiteView, page: SitePath) -> str:
    """Render edges that end on a page, by the note they stand in, each with its sentence."""
    by_note: dict[NoteId, list[Edge]] = {}
    for edge in edges:
        by_note.setdefault(_note(edge.source), []).append(edge)
    items = []
    for note in sorted(by_note, key=lambda id_: (view.title(id_).lower(), id_)):
        sentences = dict.fromkeys(context_html(view.notes[note], edge.event, view, page) for edge in by_note[note])
        items.append(_item(note, filter(None, sentences), view, page))
    return _list(items)


def context_html(note: Note, event: int, view: SiteView, page: SitePath) -> str:
    """Render the sentence around a link, the link itself marked; nothing for a link in the properties."""
    return _quoted(note, sentence(note.events, event), view, page) if event >= 0 else ""


def _unlinked(found: Sequence[Mention], view: SiteView, page: SitePath) -> str:
    items = [
        _item(each.source, [_quoted(note, mention_events(note.events, each), view, page)], view, page)
        for each in sorted(found, key=lambda each: (view.title(each.source).lower(), each.source))[:_MOST_MENTIONS]
        for note in [view.notes[each.source]]
    ]
    left = len(found) - len(items)
    more = f'<p class="wt-more">And {left:,} more, which <code>wikitorch graph mentions</code> lists.</p>\n'
    return f"{_list(items)}{more if left else ''}"


def _related(found: Sequence[Related], graph: ConceptGraph, view: SiteView, page: SitePath) -> str:
    items = []
    for each in found:
        why = "; ".join(reasons(each, lambda node: graph.nodes[node].title))
        items.append(_item(each.note, [f"{escape(why[:1].upper() + why[1:], quote=False)}."], view, page))
    return _list(items)


def _item(note: NoteId, quotes: Iterable[str], view: SiteView, page: SitePath) -> str:
    quoted = "".join(f'<p class="wt-backlinks__context">{html}</p>' for html in quotes)
    return f"<li>{note_link(note, view, page, 'wt-backlinks__note')}{quoted}</li>\n"


def _list(items: Sequence[str]) -> str:
    """Put items into a list; what is beyond a score of them is folded."""
    shown, folded = items[:_SHOWN], items[_SHOWN:]
    html = f'<ul class="wt-backlinks">\n{"".join(shown)}</ul>\n' if shown else ""
    if folded:
        inner = f'<ul class="wt-backlinks">\n{"".join(folded)}</ul>\n'
        html += f'<details class="wt-folded"><summary>{len(folded):,} more</summary>\n{inner}</details>\n'
    return html


def _quoted(
    note: Note, parts: tuple[Sequence[Event], Sequence[Event], Sequence[Event]], view: SiteView, page: SitePath
) -> str:
    state = PageState(view, page)
    before, middle, after = (render_inline(_shown(events), note, state) for events in parts)
    marked = f"<mark>{middle}</mark>" if middle.strip() else ""
    return f"{before.lstrip()}{marked}{after.rstrip()}".replace("<br />\n", " ")


def _shown(events: Sequence[Event]) -> Iterator[Event]:
    return (event for event in events if event[0] not in ("image", "task"))


def _is_note(node: str) -> bool:
    return node.startswith(f"{NodeType.NOTE.value}:")


def _note(node: str) -> NoteId:
    return NoteId(node.partition(":")[2])  # type: ignore[arg-type]
