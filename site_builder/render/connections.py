"""What a page says of its place in the graph: required notes, backlinks with their sentences, cited works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from site_builder.context import sentence
from site_builder.graph import ConceptGraph, Edge, EdgeType, NodeType, note_node
from site_builder.names import Anchor, NoteId, SitePath, relative_url
from site_builder.note import Note
from site_builder.references import Reference, short_citation
from site_builder.render.page import Section
from site_builder.render.site_view import SiteView
from site_builder.render.state import PageState
from site_builder.render.writer import render_inline
from site_builder.site import TocEntry

_MENTIONS = (EdgeType.LINKS, EdgeType.EMBEDS)


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


def connections(note: NoteId, graph: ConceptGraph, view: SiteView, page: SitePath) -> Section | None:
    """Render what leads to a note and from it; nothing for a note that stands alone."""
    parts = []
    for css, label, notes in (
        ("requires", "Requires", required_notes(note, graph)),
        ("required-by", "Required by", requiring_notes(note, graph)),
    ):
        if notes:
            parts.append(f'<p class="wt-{css}">{label} {link_notes(notes, view, page)}.</p>\n')
    edges = [
        edge
        for edge in graph.incoming.get(note_node(note), ())
        if edge.type in _MENTIONS and edge.source != note_node(note)
    ]
    listed = mentions(edges, view, page)
    toc: tuple[TocEntry, ...] = ()
    if listed:
        parts.append(f'<h3 id="backlinks">Backlinks</h3>\n{listed}')
        toc = (TocEntry("Backlinks", Anchor("backlinks"), 3),)
    return Section("connections", "Connections", "".join(parts), toc, searched=False) if parts else None


def mentions(edges: Iterable[Edge], view: SiteView, page: SitePath) -> str:
    """Render edges that end on a page, by the note they stand in, each with its sentence."""
    by_note: dict[NoteId, list[Edge]] = {}
    for edge in edges:
        by_note.setdefault(_note(edge.source), []).append(edge)
    items = []
    for note in sorted(by_note, key=lambda id_: (view.title(id_).lower(), id_)):
        sentences = dict.fromkeys(context_html(view.notes[note], edge.event, view, page) for edge in by_note[note])
        quoted = "".join(f'<p class="wt-backlinks__context">{html}</p>' for html in sentences if html)
        items.append(f"<li>{note_link(note, view, page, 'wt-backlinks__note')}{quoted}</li>\n")
    return f'<ul class="wt-backlinks">\n{"".join(items)}</ul>\n' if items else ""


def context_html(note: Note, event: int, view: SiteView, page: SitePath) -> str:
    """Render the sentence around a link, the link itself marked; nothing for a link in the properties."""
    if event < 0:
        return ""
    state = PageState(view, page)
    before, link, after = (render_inline(_shown(events), note, state) for events in sentence(note.events, event))
    marked = f"<mark>{link}</mark>" if link.strip() else ""
    return f"{before.lstrip()}{marked}{after.rstrip()}".replace("<br />\n", " ")


def _shown(events: Sequence[tuple[str, object, int, int]]) -> Iterator[tuple[str, object, int, int]]:
    return (event for event in events if event[0] not in ("image", "task"))


def cited_works(
    cited: Iterable[Reference], graph: ConceptGraph, view: SiteView, page: SitePath, paths: Mapping[str, SitePath]
) -> Section | None:
    """Render the works that a page cites, each once."""
    items = []
    for reference in cited:
        works = graph.incoming.get(f"reference:{reference.id}", ())
        count = len({edge.source for edge in works})
        link = (
            f'<a href="{escape(relative_url(page, paths[reference.id]))}">{escape(short_citation(reference.work))}</a>'
        )
        notes = f"{count} notes" if count != 1 else "this note alone"
        items.append(f'<li>{link} {work_html(reference)} <span class="wt-cited">cited by {notes}</span></li>\n')
    html = f"<ol>\n{''.join(items)}</ol>\n"
    return Section("references", "References", html, searched=False) if items else None


def work_html(reference: Reference) -> str:
    """Render a work's title, venue and where to find it."""
    work = reference.work
    parts = [f"<cite>{escape(work.title, quote=False)}</cite>." if work.title else ""]
    parts.append(f"{escape(work.venue, quote=False)}." if work.venue else "")
    parts += [f'<a href="{escape(url)}">{escape(name)}</a>' for name, url in identifiers(reference)]
    return " ".join(filter(None, parts))


def identifiers(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield where a work can be found, as (name, address)."""
    work = reference.work
    if work.arxiv:
        yield f"arXiv:{work.arxiv}", f"https://arxiv.org/abs/{work.arxiv}"
    if work.doi:
        yield f"doi:{work.doi}", f"https://doi.org/{work.doi}"
    if work.url:
        yield work.url.removeprefix("https://").removeprefix("http://"), work.url


def _is_note(node: str) -> bool:
    return node.startswith(f"{NodeType.NOTE.value}:")


def _note(node: str) -> NoteId:
    return NoteId(node.partition(":")[2])  # type: ignore[arg-type]
