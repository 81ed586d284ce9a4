"""Source text and positions in it. Knows nothing about notes.

Offsets are UTF-8 bytes, because the Markdown parser counts in them; people are shown lines and columns of code points.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple


class Position(NamedTuple):
    """A 1-based line and column, as editors count them."""

    line: int
    column: int


class Span(NamedTuple):
    """A half-open range of UTF-8 bytes, `data[start:end]`."""

    start: int
    end: int


START_OF_FILE = Span(0, 0)


@dataclass(frozen=True)
class Source:
    """One text file: its path as people know it, and its text."""

    path: str
    text: str

    @cached_property
    def data(self) -> bytes:
        return self.text.encode()

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.data.split(b"\n")

    @cached_property
    def _line_starts(self) -> list[int]:
        return list(accumulate((len(line) + 1 for line in self._lines), initial=0))[:-1]

    def slice(self, span: Span) -> str:
        """Return the text of a span."""
        return self.data[span.start : span.end].decode(errors="replace")

    def position(self, offset: int) -> Position:
        """Return the line and column of a byte offset."""
        line = bisect_right(self._line_starts, offset)
        start = self._line_starts[line - 1]
        return Position(line, len(self.data[start:offset].decode(errors="replace")) + 1)

    def line(self, number: int) -> str:
        """Return one line, without its line end."""
        return self._lines[number - 1].rstrip(b"\r").decode(errors="replace")

    def line_span(self, number: int) -> Span:
        """Return the span of one line, for a problem known only by its line."""
        start = self._line_starts[number - 1]
        return Span(start, start + len(self._lines[number - 1].rstrip(b"\r")))
