"""A note's own words as HTML: body, footnotes, contents. Knows nothing of what stands around them."""

from __future__ import annotations

from dataclasses import dataclass

from site_builder.names import SECTION_ANCHORS, SitePath
from site_builder.note import Note
from site_builder.render.events import after
from site_builder.render.footnotes import render_footnotes
from site_builder.render.site_view import SiteView
from site_builder.render.state import PageState, Scope
from site_builder.render.toc import nest
from site_builder.render.writer import Writer, render_part
from site_builder.site import TocEntry

_LOWERED = 2  # a notebook's words stand below the page's `h3`


@dataclass(frozen=True, slots=True)
class Body:
    """A rendered note: its HTML, the lead heading's own HTML if it opens with one, and its contents."""

    html: str
    lead: str
    toc: tuple[TocEntry, ...]


def render_note(note: Note, view: SiteView, path: SitePath) -> Body:
    """Render a note's body, its footnotes last."""
    page = PageState(view, path)
    anchors = [*(heading.anchor for heading in note.headings), *(block.anchor for block in note.blocks)]
    page.used.update(dict.fromkeys((*SECTION_ANCHORS, *anchors), 1))
    page.chain.append((note.id, ""))
    lead = note.lead_heading
    start = after(note.events, 0, "heading") if lead else 0
    html = Writer(page, Scope.own(note)).write(note.events[start:], start)
    lead_html = Writer(page, Scope.bare(note)).write(note.events[1 : start - 1], 1) if lead else ""
    return Body(html + render_footnotes(page, render_part), lead_html, nest(page.toc))


def render_fragment(note: Note, view: SiteView, path: SitePath) -> str:
    """Render a notebook's words: no anchors, headings below the section's own, a leading title left out."""
    page = PageState(view, path)
    start = after(note.events, 0, "heading") if note.lead_heading else 0
    html = Writer(page, Scope.bare(note), _LOWERED).write(note.events[start:], start)
    return html + render_footnotes(page, render_part)
