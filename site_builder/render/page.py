"""A concept page, top to bottom: head, the note's words, code, connections, references. Knows no templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from site_builder.names import Anchor, SitePath
from site_builder.note import Note
from site_builder.parse.markdown import flatten
from site_builder.render.body import Body
from site_builder.render.direction import direction
from site_builder.site import Page, TocEntry

_WORDS_A_MINUTE = 220


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that the compiler adds below the note."""

    name: str
    title: str
    html: str
    toc: tuple[TocEntry, ...] = ()
    searched: bool = True


def compose(note: Note, body: Body, path: SitePath, head: str, sections: Sequence[Section]) -> Page:
    """Put a note's page together: what stands above its words, the words, and what the compiler adds below."""
    toc = (*_top_level(body.toc), *(TocEntry(each.title, Anchor(each.name), 2, each.toc) for each in sections))
    html = (
        f'{head}<div class="note-body"{direction(note)}>\n{body.html}</div>\n{"".join(map(render_section, sections))}'
    )
    classes = note.properties.texts("cssclasses") or note.properties.texts("cssclass")
    names = tuple(dict.fromkeys(re.split(r"[,\s]+", " ".join(classes).strip(" ,"))))
    return Page(path, note.id, note.title, note.properties.text("description"), html, toc, names if any(names) else ())


def _top_level(toc: Sequence[TocEntry]) -> Iterable[TocEntry]:
    """Headings below a level-one heading in the text stand as high as those that follow the page's own title."""
    for entry in toc:
        yield TocEntry(entry.html, entry.anchor, 2, entry.children)


def render_head(
    title: str,
    description: str,
    facts: Iterable[tuple[str, str]] = (),
    *,
    anchor: str = "",
    properties: str = "",
    direction: str = "",
) -> str:
    """Render a page's title, its description as one quiet line, and a row of small facts given as (kind, HTML).

    `anchor` is the title's own, when it is a heading of the note; `properties` is HTML that stands below the facts,
    `direction` that of the note's words, as an attribute.
    """
    lede = f'<p class="wt-lede">{escape(description, quote=False)}</p>\n' if description else ""
    items = "".join(f'<li class="wt-fact wt-fact--{kind}">{html}</li>\n' for kind, html in facts if html)
    row = f'<ul class="wt-facts" data-search-exclude>\n{items}</ul>\n' if items else ""
    id_ = f' id="{escape(anchor)}"' if anchor else ""
    return f'<header class="wt-head"{direction}>\n<h1{id_}>{title}</h1>\n{lede}{row}{properties}</header>\n'


def render_section(section: Section) -> str:
    """Render a section with its heading."""
    excluded = "" if section.searched else " data-search-exclude"
    head = f'<h2 id="{section.name}">{escape(section.title)}</h2>\n'
    return f'<section class="wt-section wt-{section.name}"{excluded}>\n{head}{section.html}</section>\n'


def reading_time(note: Note) -> str:
    """Say how long a note's words take to read; nothing for less than a minute."""
    whole = round(minutes(note))
    return f"{whole} min read" if whole else ""


def minutes(note: Note) -> float:
    """Return how long a note's words take to read."""
    return len(flatten(note.events).split()) / _WORDS_A_MINUTE
