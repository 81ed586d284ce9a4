"""Numbers in brackets, as they come with text pasted from a paper: `[5, 2, 29]` cites the footnotes of those names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from site_builder.diagnostics import Diagnostic
from site_builder.note import Event
from site_builder.parse.markdown import is_literal, split_text
from site_builder.parse.problems import BRACKET_CITATION, UNDEFINED_FOOTNOTE
from site_builder.text import Source, Span

_BRACKETS = re.compile(r"(?<![\w\]!\\])\[\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\](?![(\[:])")
_PART = re.compile(r"(\d+)(?:\s*[–-]\s*(\d+))?")
_LONGEST = 50  # numbers that one pair of brackets may stand for


def read_bracket_citations(events: list[Event], data: bytes) -> list[Event]:
    """Turn brackets whose numbers all name a footnote into references to them; others stay as text."""
    labels = _labels(events)
    out: list[Event] = []
    for kind, value, start, end in _pieces(events, data):
        if kind != "cut":
            out.append((kind, value, start, end))
        elif labels.issuperset(_numbers(value)):
            out += [("footnoteref", number, start, end) for number in _numbers(value)]
        else:
            out.append(("text", value, start, end))
    return out


def find_bracket_citations(events: Sequence[Event], source: Source, said: bool | None) -> Iterator[Diagnostic]:
    """Yield what is wrong with brackets left in the text.

    Where the note has `said` that they cite, those without a footnote; where it says nothing, the first that has one.
    """
    if said is False or not (said or b"[^" in source.data):
        return
    labels = _labels(events)
    if not (labels or said):
        return
    for kind, value, start, end in _pieces(events, source.data):
        missing = [number for number in _numbers(value) if number not in labels] if kind == "cut" else []
        if kind == "cut" and not said and not missing:
            message, hint = (
                f"`{value}` looks as if it cited footnotes",
                "write `bracket_citations: true` in the properties, if it does",
            )
            yield Diagnostic(BRACKET_CITATION, source, Span(start, end), message, hint)
            return
        if said and missing:
            message, hint = f"footnote `{missing[0]}` is not defined", f"add a line `[^{missing[0]}]: …`"
            yield Diagnostic(UNDEFINED_FOOTNOTE, source, Span(start, end), message, hint)


def _labels(events: Sequence[Event]) -> frozenset[str]:
    return frozenset(value for kind, value, _, _ in events if kind == "footnotedef" and value.isdecimal())


def _pieces(events: Sequence[Event], data: bytes) -> Iterator[Event]:
    """Yield events with the brackets that may cite as `cut`: none in code, in HTML, in a link's words, or escaped."""
    inside = 0
    for event in events:
        kind, value, start, end = event
        name = kind.removeprefix("/")
        if name in ("codeblock", "htmlblock", "link"):
            inside += 1 if kind == name else -1
        if inside or kind != "text" or "[" not in value or not is_literal(value, start, end):
            yield event
            continue
        escaped = data[start - 1 : start] == b"\\"
        brackets = (found.span() for found in _BRACKETS.finditer(value, 1 if escaped else 0) if _numbers(found[0]))
        yield from split_text(event, brackets)


def _numbers(text: str) -> list[str]:
    """Return the numbers of a list in which `3-6` stands for four; none when a range is none."""
    numbers: list[str] = []
    for first, last in _PART.findall(text):
        low, high = int(first), int(last or first)
        if not low <= high < low + _LONGEST:
            return []
        numbers += [first] if low == high else map(str, range(low, high + 1))
    return numbers[:_LONGEST]
