"""The site's navigation as Material marks it up, rendered once a folder instead of once a page. Knows no notes.

Material's own template walks every page of the site for every page, so its time grows with the square of the vault.
Here the pages of one folder share their navigation, other folders are one link each, and only the present page's own
entry differs. A folder of thousands shows the hundred around the present page, so that pages stay small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markupsafe import escape as as_html
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

SHOWN = 100
"""How many entries of one folder are shown together."""


@dataclass(frozen=True, slots=True)
class Split:
    """The list of a page's navigation, before and after the page's own entry; `has_entry` is false when it has none."""

    before: str
    after: str
    has_entry: bool


class FolderNavigation:
    """Called by the template with the navigation and the present page."""

    def __init__(self) -> None:
        self._lists: dict[tuple[int, ...], str] = {}
        self._places: dict[int, int] = {}

    def __call__(self, nav: Navigation, page: Page | None) -> Split:
        if not self._places:
            self._number(nav.items)
        chain = (*tuple(page.ancestors)[::-1], page) if page else ()
        depth = page.url.count("/") if page else 0
        parts = tuple(self._places.get(id(item), 0) // SHOWN for item in chain)
        key = (depth, *(id(item) for item in chain[:-1]), *parts)
        if key not in self._lists:
            self._lists[key] = _List("../" * depth, chain[:-1], parts).items(nav.items, 0)
        before, mark, after = self._lists[key].partition(_mark(page)) if page else (self._lists[key], "", "")
        if not mark:
            return Split(before, "", has_entry=False)
        start, end = before.rindex("<li"), after.index("</li>") + len("</li>")
        return Split(before[:start], after[end:], has_entry=True)

    def _number(self, items: Sequence[Any]) -> None:
        for place, item in enumerate(items):
            self._places[id(item)] = place
            if isinstance(item, Section):
                self._number(item.children)


@dataclass(frozen=True, slots=True)
class _List:
    """Writes the list for pages at one depth, inside the sections `parents`, in the given part of each.

    `root` leads from such a page to the site's root.
    """

    root: str
    parents: tuple[Any, ...]
    parts: tuple[int, ...]

    def items(self, items: Sequence[Any], level: int, path: str = "__nav") -> str:
        part = self.parts[level] if level < len(self.parts) else 0
        first, last = part * SHOWN, (part + 1) * SHOWN
        shown = "".join(self._item(item, level, f"{path}_{number}") for number, item in enumerate(items[first:last], 1))
        before = self._more("earlier", items[first - SHOWN]) if first else ""
        after = self._more("later", items[last]) if last < len(items) else ""
        return before + shown + after

    def _more(self, word: str, item: Any) -> str:
        link = f'<a href="{self._address(item)}" class="md-nav__link">{word}</a>'
        return f'<li class="md-nav__item wt-nav-more">{link}</li>\n'

    def _item(self, item: Any, level: int, path: str) -> str:
        title = f'<span class="md-ellipsis">{as_html(item.title or "")}</span>'
        if isinstance(item, Section):
            return self._open(item, title, level, path) if item in self.parents else self._closed(item, title)
        mark = f" {_mark(item)}" if isinstance(item, Page) else ""
        return f'<li class="md-nav__item"><a href="{self._address(item)}" class="md-nav__link"{mark}>{title}</a></li>\n'

    def _closed(self, item: Section, title: str) -> str:
        return (
            '<li class="md-nav__item md-nav__item--pruned md-nav__item--nested">'
            f'<a href="{self._address(item)}" class="md-nav__link">{title}{_ICON}</a></li>\n'
        )

    def _open(self, item: Section, title: str, level: int, path: str) -> str:
        inside = self.items(item.children, level + 1, path)
        return (
            '<li class="md-nav__item md-nav__item--active md-nav__item--nested">'
            f'<input class="md-nav__toggle md-toggle" type="checkbox" id="{path}" checked>'
            f'<label class="md-nav__link" for="{path}" id="{path}_label" tabindex="0">{title}{_ICON}</label>\n'
            f'<nav class="md-nav" data-md-level="{level + 1}" aria-labelledby="{path}_label" aria-expanded="true">'
            f'<label class="md-nav__title" for="{path}">{_ICON}{as_html(item.title)}</label>\n'
            f'<ul class="md-nav__list" data-md-scrollfix>\n{inside}</ul></nav></li>\n'
        )

    def _address(self, item: Any) -> str:
        while isinstance(item, Section):
            item = item.children[0]
        url = str(item.url or "")
        return escape(url if "://" in url else f"{self.root}{url.removeprefix('./')}" or "./")


_ICON = '<span class="md-nav__icon md-icon"></span>'


def _mark(page: Page) -> str:
    return f'data-page="{escape(page.url)}"'
