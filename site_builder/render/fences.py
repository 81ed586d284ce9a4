"""Custom fences of mkdocs.yml in ordinary notes: superfences formats them, as on a page in MkDocs' dialect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from site_builder.diagnostics import Diagnostic
from site_builder.note import Note
from site_builder.parse.custom_fences import custom_fences, failed_fence, make_converter
from site_builder.project import MarkdownSettings
from site_builder.render.code import Listing
from site_builder.text import Span

if TYPE_CHECKING:
    from markdown import Markdown

_OURS = frozenset(("mermaid", "model"))
_FENCES = re.compile(r"^[ \t]*(`+)", re.MULTILINE)


def format_fences(texts: Iterable[Note], settings: MarkdownSettings) -> tuple[Mapping[Listing, str], list[Diagnostic]]:
    """Return the HTML of each fence that has a formatter; one that raises is a diagnostic, its fence is left out."""
    names = {name for name in custom_fences(settings) if name != "*" and name.lower() not in _OURS}
    formatter = _Formatter(settings)
    shown: dict[Listing, str] = {}
    faults: list[Diagnostic] = []
    for note in texts if names else ():
        for listing, span in _listings(note):
            if listing in shown or _name(listing.info) not in names:
                continue
            html = formatter.format(listing)
            if formatter.fault:
                faults.append(failed_fence(note.source, span, _name(listing.info), formatter.fault))
            elif html:
                shown[listing] = f"{html}\n"
    return shown, faults


class _Formatter:
    """Python-Markdown as mkdocs.yml sets it up, which is shown one fence at a time."""

    def __init__(self, settings: MarkdownSettings) -> None:
        self._settings = settings
        self._markdown: Markdown | None = None
        self._taken = False
        self.fault: Exception | None = None

    def format(self, listing: Listing) -> str:
        """Return a fence's HTML; empty when it failed, or the formatter does not take what stands after the name."""
        self._taken, self.fault = False, None
        fence = "`" * max(2, *(len(found) for found in _FENCES.findall(listing.text)), 2) + "`"
        try:
            self._markdown = self._markdown or make_converter(self._settings, self._formatted)
            html = self._markdown.reset().convert(f"{fence}{listing.info}\n{listing.text}{fence}")
        except Exception as error:  # an extension is not ours, and may raise anything
            self.fault = error
        return html if self._taken and not self.fault else ""

    def _formatted(self, language: str, text: str, error: Exception | None) -> None:
        self._taken, self.fault = True, error


def _listings(note: Note) -> Iterator[tuple[Listing, Span]]:
    for index, (kind, value, start, end) in enumerate(note.events):
        if kind == "codeblock" and isinstance(value, dict):
            yield Listing(value["Fenced"], _text(note, index)), Span(start, end)


def _name(info: str) -> str:
    """Return a fence's language as superfences reads it: `chart`, `{.chart #id}`, `chart {key=value}`."""
    found = re.match(r"[ \t]*(?:\{[ \t]*)?\.?([\w#.+-]*)", info)
    return found[1] if found else ""


def _text(note: Note, index: int) -> str:
    words = []
    while note.events[index + 1][0] != "/codeblock":
        index += 1
        words.append(note.events[index][1])
    return "".join(words)
