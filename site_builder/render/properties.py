"""A note's other properties, shown below its title as Obsidian shows them. Knows nothing of what any of them means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

from site_builder.link import ResolvedLink
from site_builder.names import SitePath
from site_builder.note import LinkKind, Note
from site_builder.render.links import close_link, encoded, open_link, shown_as
from site_builder.render.site_view import SiteView

SHOWN_ELSEWHERE = frozenset(
    ("title", "tags", "tag", "publish", "draft", "cssclasses", "cssclass", "description", "permalink", "redirect_from",
     "model", "requires", "markup", "bracket_citations")
)  # fmt: skip
_NAMES = frozenset(("aliases", "alias"))
_FOLDED = 6  # more rows than this are folded
_WIKILINK = re.compile(r"!?\[\[[^\[\]\n]+\]\]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def render_properties(note: Note, view: SiteView, page: SitePath) -> str:
    """Render the properties that nothing else on the page shows; links in them lead where they mean."""
    resolved = view.links.get(note.id, {}).values()
    links = {note.source.slice(each.link.span): each for each in resolved if each.link.kind is LinkKind.PROPERTY}
    shown = {name: value for name, value in note.properties.values.items() if name.lower() not in SHOWN_ELSEWHERE}
    rows = _Values(links, view, page).rows(shown)
    if not rows:
        return ""
    html = f'<dl class="wt-properties" data-search-exclude>\n{"".join(rows)}</dl>\n'
    if len(rows) <= _FOLDED:
        return html
    summary = f"<summary>{len(rows)} properties</summary>"
    return f'<details class="wt-folded" data-search-exclude>\n{summary}\n{html}</details>\n'


@dataclass(frozen=True, slots=True)
class _Values:
    """Writes values of one note's properties. `links` holds the wikilinks in them as they are written."""

    links: Mapping[str, ResolvedLink]
    view: SiteView
    page: SitePath

    def rows(self, values: Mapping[str, Any]) -> list[str]:
        """Return a row for each property that holds something."""
        return [f"<dt>{name}</dt><dd>{html}</dd>\n" for name, html in self._named(values)]

    def _pairs(self, values: Mapping[Any, Any]) -> str:
        items = "".join(f"<li><b>{name}</b> {html}</li>" for name, html in self._named(values))
        return f'<ul class="wt-pairs">{items}</ul>' if items else ""

    def _named(self, values: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
        for name, value in values.items():
            html = self.value(value, str(name))
            if html:
                yield escape(str(name), quote=False), html

    def value(self, value: Any, name: str) -> str:
        match value:
            case bool():
                state = "checked" if value else "not checked"
                return f'<input type="checkbox" disabled{" checked" * value} aria-label="{escape(name)}: {state}" />'
            case str():
                return escape(value, quote=False) if name.lower() in _NAMES else self._text(value)
            case int() | float():
                return str(value)
            case list():
                return self._list(value, name)
            case dict():
                return self._pairs(value)
            case _:
                return ""

    def _list(self, values: list[Any], name: str) -> str:
        """A list of words stands in one line; a list of lists and mappings below one another."""
        items = [html for each in values if (html := self.value(each, name))]
        plain = not any(isinstance(each, list | dict) for each in values)
        css = ' class="wt-inline"' if plain else ""
        return f"<ul{css}>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""

    def _text(self, text: str) -> str:
        if _ADDRESS.fullmatch(text):
            return f'<a href="{encoded(text)}">{escape(text, quote=False)}</a>'
        return _moment(text) or self._linked(text)

    def _linked(self, text: str) -> str:
        html, position = [], 0
        for found in _WIKILINK.finditer(text):
            resolved = self.links.get(found[0])
            if resolved:
                opening = open_link(resolved.link, resolved, self.view, self.page)
                words = escape(resolved.link.display or shown_as(resolved.link), quote=False)
                html += [escape(text[position : found.start()], quote=False), opening, words, close_link(opening)]
                position = found.end()
        return "".join([*html, escape(text[position:], quote=False)])


def _moment(text: str) -> str:
    """Return a date, or a date and time, as people write it; nothing when the text is neither."""
    try:
        if _DATE.fullmatch(text):
            day, clock = date.fromisoformat(text), ""
        elif _TIME.fullmatch(text):
            day, clock = datetime.fromisoformat(text), text[10:].replace("T", " ")
        else:
            return ""
    except ValueError:
        return ""
    return f'<time datetime="{text.replace(" ", "T")}">{day.day} {day:%B} {day.year}{"," * bool(clock)}{clock}</time>'
