"""Notebooks in jupytext's percent format, read into cells. Knows nothing of running them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from site_builder.text import Source, Span

CellKind: TypeAlias = Literal["code", "markdown"]

_MARKER = re.compile(r"#\s*%%(?P<title>(?:\s.*)?)$")
_TYPE = re.compile(r"\[(?P<type>markdown|md|raw|code)\]")
_METADATA = re.compile(r"""(?:^|\s)[\w-]+\s*=\s*["'\[{\d].*$|\s*\{.*\}\s*$""")
_QUOTES = re.compile(r'[rR]?("""|\'\'\')')
_HEADER_RULE = "# ---"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `source` is what Jupyter would show; `span` its lines in the file, and `line` the first of them.

    `name` is the title after `# %%`. A code cell's span slices to its source; a markdown cell's still has its `#`.
    """

    kind: CellKind
    name: str
    source: str
    span: Span
    line: int


def parse_notebook(source: Source) -> tuple[Cell, ...]:
    """Return the cells of a percent notebook. Code before the first `# %%` is a cell; raw cells are left out."""
    lines = source.text.split("\n")
    start = _after_header(lines)
    markers = [number for number in range(start, len(lines)) if _MARKER.match(lines[number])]
    cells = [_cell(source, lines, first, end) for first, end in pairwise([*markers, len(lines)])]
    lead = _body(source, lines, start, markers[0] if markers else len(lines), "code", "")
    return (*([lead] if lead.source else []), *(cell for cell in cells if cell))


def _after_header(lines: list[str]) -> int:
    """Return where the cells begin: after jupytext's YAML block, when the file opens with one."""
    if lines[0].rstrip() == _HEADER_RULE and _HEADER_RULE in (closed := [line.rstrip() for line in lines[1:]]):
        return closed.index(_HEADER_RULE) + 2
    return 0


def _cell(source: Source, lines: list[str], marker: int, end: int) -> Cell | None:
    title = lines[marker].partition("%%")[2].strip()
    found = _TYPE.search(title)
    before, after = (title[: found.start()], title[found.end() :]) if found else (title, "")
    name = _METADATA.sub("", before).strip() or _METADATA.sub("", after).strip()
    match found["type"] if found else "code":
        case "raw":
            return None
        case "code":
            return _body(source, lines, marker + 1, end, "code", name)
        case _:
            return _body(source, lines, marker + 1, end, "markdown", name)


def _body(source: Source, lines: list[str], first: int, end: int, kind: CellKind, name: str) -> Cell:
    """Make a cell of the lines from `first` up to `end`, counted from 0, without the blank lines around them."""
    while end > first and not lines[end - 1].strip():
        end -= 1
    while first < end and not lines[first].strip():
        first += 1
    if first == end:
        at = source.line_span(first).end if first else 0
        return Cell(kind, name, "", Span(at, at), max(first, 1))
    span = Span(source.line_span(first + 1).start, source.line_span(end).end)
    body = lines[first:end]
    return Cell(kind, name, "\n".join(_markdown(body) if kind == "markdown" else body), span, first + 1)


def _markdown(lines: list[str]) -> Iterator[str]:
    """Take the comment signs, or the triple quotes, from a markdown cell."""
    text = "\n".join(lines)
    if (quotes := _QUOTES.match(text)) and text.endswith(quotes[1]) and len(text) >= quotes.end() + 3:
        yield from text[quotes.end() : -3].strip("\n").split("\n")
    else:
        yield from (re.sub(r"^# ?", "", line) for line in lines)
