"""A note's other properties, shown below its title. Knows nothing of what any of them means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from html import escape
from typing import Any

from site_builder.link import ResolvedLink
from site_builder.names import SitePath
from site_builder.note import LinkKind, Note
from site_builder.render.links import close_link, open_link, shown_as
from site_builder.render.site_view import SiteView

_SHOWN_ELSEWHERE = frozenset(
    ("title", "aliases", "alias", "tags", "tag", "publish", "draft", "cssclasses", "cssclass", "description",
     "permalink", "model", "requires", "markup", "bracket_citations")
)  # fmt: skip
_WIKILINK = re.compile(r"!?\[\[[^\[\]\n]+\]\]")


def render_properties(note: Note, view: SiteView, page: SitePath) -> str:
    """Render the properties that nothing else on the page shows; wikilinks in them lead where they mean."""
    resolved = view.links.get(note.id, {}).values()
    links = {note.source.slice(each.link.span): each for each in resolved if each.link.kind is LinkKind.PROPERTY}
    shown = {name: _shown(value, links, view, page) for name, value in note.properties.values.items()}
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{html}</dd>\n"
        for name, html in shown.items()
        if html and name not in _SHOWN_ELSEWHERE
    )
    return f'<dl class="wt-properties" data-search-exclude>\n{items}</dl>\n' if items else ""


def _shown(value: Any, links: Mapping[str, ResolvedLink], view: SiteView, page: SitePath) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return _text(value, links, view, page)
        case int() | float() | date() | datetime():
            return escape(str(value), quote=False)
        case list():
            return ", ".join(filter(None, (_shown(item, links, view, page) for item in value)))
        case _:
            return ""


def _text(text: str, links: Mapping[str, ResolvedLink], view: SiteView, page: SitePath) -> str:
    html, position = [], 0
    for found in _WIKILINK.finditer(text):
        resolved = links.get(found[0])
        if resolved:
            opening = open_link(resolved.link, resolved, view, page)
            words = escape(resolved.link.display or shown_as(resolved.link), quote=False)
            html += [escape(text[position : found.start()], quote=False), opening, words, close_link(opening)]
            position = found.end()
    return "".join([*html, escape(text[position:], quote=False)])
