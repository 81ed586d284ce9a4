"""How diagnostics read: for people, for editors, for programs, for GitHub. Knows nothing of how they are found."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import click

from site_builder.diagnostics import Diagnostic, Severity
from site_builder.text import Source, Span

Format: TypeAlias = Literal["full", "concise", "json", "github"]
Style: TypeAlias = Callable[[str, str], str]

LONGEST_EXCERPT = 160
"""Code points of a source line that are shown; a longer line is cut around the caret."""

_BEFORE_CARET = 60
_TAB_STOP = 4
_IN_MESSAGES = "%\r\n"
_IN_PROPERTIES = "%\r\n:,"
_CONTROL_PICTURES = 0x2400
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def render(diagnostics: Iterable[Diagnostic], format: Format, color: bool = False) -> str:
    """Return the diagnostics as text, ordered by path and place, without a final line end."""
    ordered = sorted(diagnostics, key=lambda diagnostic: diagnostic.sort_key)
    style = _colored if color else _plain
    match format:
        case "full":
            return "\n\n".join(_full(diagnostic, style) for diagnostic in ordered)
        case "concise":
            return "\n".join(_concise(diagnostic, style) for diagnostic in ordered)
        case "json":
            return json.dumps([_record(diagnostic) for diagnostic in ordered], indent=2)
        case "github":
            return "\n".join(_github(diagnostic) for diagnostic in ordered)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one line that counts the errors, the warnings and the files they are in."""
    found = list(diagnostics)
    counts = Counter(diagnostic.rule.severity for diagnostic in found)
    parts = [_count(counts[severity], severity.value) for severity in Severity if counts[severity]]
    files = len({diagnostic.file.path for diagnostic in found})
    return f"{' and '.join(parts)} in {_count(files, 'file')}" if parts else "no problems found"


def exit_code(diagnostics: Iterable[Diagnostic]) -> int:
    """Return the exit status: 1 if there is any finding, error or warning, else 0."""
    return int(any(True for _ in diagnostics))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _plain(text: str, _color: str) -> str:
    return text


def _colored(text: str, color: str) -> str:
    return click.style(text, fg=color or None, bold=True)


def _full(diagnostic: Diagnostic, style: Style) -> str:
    line = diagnostic.file.position(diagnostic.span.start).line
    gutter = " " * len(str(line))
    color = _COLORS[diagnostic.rule.severity]
    excerpt = _excerpt(diagnostic.file, diagnostic.span)
    bar = style("|", "blue")
    rows = [
        f"{style(_kind(diagnostic), color)}{style(f': {_visible(diagnostic.message)}', '')}",
        f"{gutter} {style('-->', 'blue')} {_place(diagnostic.file, diagnostic.span)}",
        f"{gutter} {bar}",
        f"{style(str(line), 'blue')} {bar} {excerpt.text}",
        f"{gutter} {bar} {' ' * excerpt.indent}{style('^' * excerpt.width, color)}",
    ]
    for label, text in _notes(diagnostic):
        rows.append(f"{gutter} {style('=', 'blue')} {style(f'{label}:', '')} {text}")
    return "\n".join(rows)


def _notes(diagnostic: Diagnostic) -> Sequence[tuple[str, str]]:
    related = [("note", f"{_place(place.file, place.span)} {_visible(place.message)}") for place in diagnostic.related]
    hint = [("hint", _visible(diagnostic.hint))] if diagnostic.hint is not None else []
    return related + hint


def _concise(diagnostic: Diagnostic, style: Style) -> str:
    kind = style(_kind(diagnostic), _COLORS[diagnostic.rule.severity])
    return f"{_place(diagnostic.file, diagnostic.span)}: {kind} {_visible(diagnostic.message)}"


def _kind(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.rule.severity.value}[{diagnostic.rule.code}]"


def _place(file: Source, span: Span) -> str:
    at = file.position(span.start)
    return f"{_visible(file.path)}:{at.line}:{at.column}"


def _record(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "rule": diagnostic.rule.code,
        "name": diagnostic.rule.name,
        "severity": diagnostic.rule.severity.value,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        **_range(diagnostic.file, diagnostic.span),
        "related": [{**_range(place.file, place.span), "message": place.message} for place in diagnostic.related],
    }


def _range(file: Source, span: Span) -> dict[str, object]:
    start, end = file.position(span.start), file.position(span.end)
    return {
        "path": file.path, "line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column,
    }  # fmt: skip


def _github(diagnostic: Diagnostic) -> str:
    """A workflow command: docs.github.com, "Workflow commands for GitHub Actions"."""
    start, end = diagnostic.file.position(diagnostic.span.start), diagnostic.file.position(diagnostic.span.end)
    properties = {
        "file": diagnostic.file.path, "line": start.line, "col": start.column,
        "endLine": end.line, "endColumn": end.column, "title": f"{diagnostic.rule.code} {diagnostic.rule.name}",
    }  # fmt: skip
    listed = ",".join(f"{name}={_escape(str(value), _IN_PROPERTIES)}" for name, value in properties.items())
    hint = f" (hint: {diagnostic.hint})" if diagnostic.hint is not None else ""
    return f"::{diagnostic.rule.severity.value} {listed}::{_escape(diagnostic.message + hint, _IN_MESSAGES)}"


def _escape(text: str, special: str) -> str:
    return text.translate({ord(char): f"%{ord(char):02X}" for char in special})


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """A source line as shown, and where its carets stand, in terminal cells."""

    text: str
    indent: int
    width: int


def _excerpt(file: Source, span: Span) -> _Excerpt:
    start, end = file.position(span.start), file.position(span.end)
    line = file.line(start.line)
    first = min(start.column - 1, len(line))
    last = min(end.column - 1, len(line)) if end.line == start.line else len(line)
    cut = max(0, min(first - _BEFORE_CARET, len(line) - LONGEST_EXCERPT))
    stop = min(len(line), cut + LONGEST_EXCERPT)
    left, right = "…" * (cut > 0), "…" * (stop < len(line))
    before = left + _expand(line[cut:first])
    upto = left + _expand(line[cut : max(first, min(last, stop))])
    text = left + _expand(line[cut:stop]) + right
    return _Excerpt(text, _cells(before), max(1, _cells(upto) - _cells(before)))


def _expand(text: str) -> str:
    """Write tabs as spaces, to stops counted from the start, so that carets align on any terminal."""
    shown = ""
    for number, part in enumerate(text.split("\t")):
        shown += " " * (_TAB_STOP - _cells(shown) % _TAB_STOP) if number else ""
        shown += _visible(part)
    return shown


def _cells(text: str) -> int:
    return len(text) if text.isascii() else sum(map(_cell, text))


def _cell(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _visible(text: str) -> str:
    """Return text fit for one line of a terminal: what would steer it, or turn the line round, becomes a sign."""
    return text if text.isascii() and text.isprintable() else "".join(map(_visible_char, text))


def _visible_char(char: str) -> str:
    if char in "\t\r\n":
        return " "
    if char < " ":
        return chr(_CONTROL_PICTURES + ord(char))
    steers = char in _DIRECTION_MARKS or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
    return "\N{REPLACEMENT CHARACTER}" if steers else char
