"""Fences that mkdocs.yml gives a formatter of its own: `custom_fences` of pymdownx.superfences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from site_builder.diagnostics import Diagnostic
from site_builder.note import Note
from site_builder.parse.problems import FAILED_EXTENSION
from site_builder.project import MarkdownSettings
from site_builder.render.code import Listing
from site_builder.text import Span

_OURS = frozenset(("mermaid", "model"))


def format_fences(texts: Iterable[Note], settings: MarkdownSettings) -> tuple[Mapping[Listing, str], list[Diagnostic]]:
    """Return the HTML of each fence that has a formatter; one that raises is a diagnostic, its fence is left out."""
    fences = _custom_fences(settings)
    shown: dict[Listing, str] = {}
    faults: list[Diagnostic] = []
    for note in texts if fences else ():
        for index, (kind, value, start, end) in enumerate(note.events):
            if kind != "codeblock" or not isinstance(value, dict):
                continue
            listing = Listing(value["Fenced"], _text(note, index))
            fence = fences.get(listing.language)
            if fence is None or listing in shown:
                continue
            try:
                html = fence["format"](listing.text, listing.language, fence.get("class", listing.language), {}, None)
            except Exception as error:  # a formatter is not ours, and may raise anything
                problem = f"the formatter of `{listing.language}` failed: {type(error).__name__}: {error}"
                faults.append(Diagnostic(FAILED_EXTENSION, note.source, Span(start, end), problem))
                continue
            shown[listing] = f"{html}\n"
    return shown, faults


def _custom_fences(settings: MarkdownSettings) -> Mapping[str, Mapping[str, Any]]:
    """Return the fences with a formatter, by language; diagrams and parts of models are this site's own."""
    listed = settings.configs.get("pymdownx.superfences", {}).get("custom_fences") or ()
    fences = [each for each in listed if isinstance(each, dict) and callable(each.get("format"))]
    return {each["name"].lower(): each for each in fences if each.get("name", "*") not in ("*", *_OURS)}


def _text(note: Note, index: int) -> str:
    words = []
    while note.events[index + 1][0] != "/codeblock":
        index += 1
        words.append(note.events[index][1])
    return "".join(words)
