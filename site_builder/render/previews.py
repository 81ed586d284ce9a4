"""What a link shows before it is followed: a small piece of HTML for each note, linked heading or block, and work.

It stands in a file of its own beside the page it comes from, so that a reader who points at a link fetches a paragraph
and not the page. Its addresses are as from that page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from site_builder.graph import ConceptGraph
from site_builder.link import Place, extent
from site_builder.names import Anchor, NoteId, SitePath
from site_builder.note import CONTAINERS, Block, Event, Heading, Note
from site_builder.parse.markdown import flatten
from site_builder.references import Reference, short_citation
from site_builder.render.events import after
from site_builder.render.site_view import SiteView
from site_builder.render.state import PageState, Scope
from site_builder.render.works import citing_notes, work_html
from site_builder.render.writer import Writer

_WORDS = 60  # enough to know what a note is about
_LONGEST = 4000  # events; a table of thousands of rows is not for a glance
_LONGEST_NAME = 200  # bytes; file systems take 255
_SHOWN = frozenset(("paragraph", "list", "quote", "callout", "table", "codeblock", "displaymath"))
_DRAWN = ("model", "mermaid")
_LEFT_OUT = frozenset(("footnoteref", "embed"))
_SAY_NOTHING = _LEFT_OUT | {"paragraph", "/paragraph", "softbreak", "hardbreak"}


def note_previews(view: SiteView) -> Iterator[tuple[SitePath, str]]:
    """Yield the previews of the published notes, and of the headings and blocks that links lead to."""
    places = _linked_places(view)
    for id_, path in view.paths.items():
        note = view.notes[id_]
        start = after(note.events, 0, "heading") if note.lead_heading else 0
        description = note.properties.text("description")
        said = f'<p class="wt-preview__said">{escape(description, quote=False)}</p>\n' if description else ""
        yield preview_path(path), f"{_title(note.title)}{said}{_beginning(note, start, len(note.events), view, path)}"
        for anchor, place in places.get(id_, {}).items():
            yield preview_path(path, anchor), _part(note, place, view, path)


def work_previews(
    references: Iterable[Reference], graph: ConceptGraph, paths: Mapping[str, SitePath]
) -> Iterator[tuple[SitePath, str]]:
    """Yield the previews of the cited works."""
    for each in references:
        count = citing_notes(each, graph)
        cited = f'<p class="wt-preview__said">Cited by {count} note{"s" if count != 1 else ""}.</p>\n'
        yield preview_path(paths[each.id]), f"{_title(short_citation(each.work))}<p>{work_html(each)}</p>\n{cited}"


def preview_path(page: SitePath, anchor: str = "") -> SitePath:
    """Return where the preview of a page, or of a place on it, stands; `frontend/src/preview.ts` says the same."""
    return SitePath(f"{page}preview/{anchor}.html" if anchor else f"{page}preview.html")


def _linked_places(view: SiteView) -> Mapping[NoteId, Mapping[Anchor, Place]]:
    found: dict[NoteId, dict[Anchor, Place]] = {}
    for origin, table in view.links.items():
        if origin in view.paths:
            for link in table.values():
                if link.found and link.found.place and NoteId(link.found.file) in view.paths:
                    place = link.found.place
                    if "/" not in place.anchor and len(place.anchor.encode()) < _LONGEST_NAME:
                        found.setdefault(NoteId(link.found.file), {})[place.anchor] = place
    return {note: dict(sorted(places.items())) for note, places in found.items()}


def _part(note: Note, place: Place, view: SiteView, path: SitePath) -> str:
    first, end = extent(note, place)
    match place:
        case Heading(event=event, text=text) if event >= 0:
            start = after(note.events, event, "heading")
            return _title(f"{note.title} › {text}") + _beginning(note, start, end, view, path)
        case Block() if end - first <= _LONGEST:
            return _title(note.title) + _write(note, first, end, view, path)
    return _title(note.title)


def _title(text: str) -> str:
    return f'<p class="wt-preview__title">{escape(text, quote=False)}</p>\n'


def _beginning(note: Note, start: int, end: int, view: SiteView, path: SitePath) -> str:
    """Render the first blocks of some events, until there are enough words or another heading comes."""
    last, words = start, 0
    for first, stop in _blocks(note.events, start, end):
        block = note.events[first:stop]
        if block[0][0] == "heading" or words >= _WORDS or stop - start > _LONGEST:
            break
        if not _is_shown(block):
            if words:
                break
            start = last = stop  # a rule or a picture at the top says nothing yet
            continue
        last = stop
        words += len(flatten(block).split())
    return _write(note, start, last, view, path)


def _is_shown(block: Sequence[Event]) -> bool:
    kind, value, _, _ = block[0]
    drawn = kind == "codeblock" and isinstance(value, dict) and value["Fenced"].partition(" ")[0] in _DRAWN
    return kind in _SHOWN and not drawn and any(event[0] not in _SAY_NOTHING for event in block)


def _blocks(events: Sequence[Event], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where each outermost block begins and ends."""
    index = start
    while index < end:
        stop = after(events, index, events[index][0]) if events[index][0] in CONTAINERS else index + 1
        yield index, stop
        index = stop


def _write(note: Note, first: int, end: int, view: SiteView, path: SitePath) -> str:
    kept = [event for event in note.events[first:end] if event[0] not in _LEFT_OUT]
    html = Writer(PageState(view, path), Scope.bare(note)).write(kept, first)
    return f"<ul>\n{html}</ul>\n" if kept and kept[0][0] == "item" else html
