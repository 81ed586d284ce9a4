"""The table of contents of a page, from the headings in their order."""

from __future__ import annotations

from collections.abc import Iterable

from site_builder.site import TocEntry


def nest(entries: Iterable[TocEntry]) -> tuple[TocEntry, ...]:
    """Put each entry below the nearest one before it that has a higher level."""
    flat = list(entries)
    return _siblings(flat, 0, len(flat))


def _siblings(flat: list[TocEntry], first: int, last: int) -> tuple[TocEntry, ...]:
    siblings: list[TocEntry] = []
    while first < last:
        entry = flat[first]
        end = next((i for i in range(first + 1, last) if flat[i].level <= entry.level), last)
        siblings.append(TocEntry(entry.html, entry.anchor, entry.level, _siblings(flat, first + 1, end)))
        first = end
    return tuple(siblings)
