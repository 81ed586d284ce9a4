"""JSON whose strings know where they stand, so that what is wrong in one can be shown in its file."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from json import scanner
from json.decoder import scanstring  # type: ignore[attr-defined]  # documented by its use in JSONDecoder
from typing import Any

_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)


class LocatedString(str):
    """A string of a JSON file. `start` is the code point after its opening quotation mark, `end` its closing one."""

    start: int
    end: int


class _Decoder(json.JSONDecoder):
    def __init__(self) -> None:
        super().__init__()
        self.parse_string = _located
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]  # C's asks nobody


def _located(text: str, start: int, strict: bool = True) -> tuple[LocatedString, int]:
    value, end = scanstring(text, start, strict)
    found = LocatedString(value)
    found.start, found.end = start, end - 1
    return found, end


def read_json(text: str) -> Any:
    """Return what a JSON text holds, strings as `LocatedString`. Raises ValueError, or RecursionError when too deep."""
    return _Decoder().decode(text)


def plain(text: str) -> str:
    """Return a string of JSON as text that can be written: half a surrogate pair is a question mark."""
    return text if text.isascii() else str(text).encode(errors="replace").decode()


class ByteOffsets:
    """Where the code points of a text are among its bytes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = None if text.isascii() else [0, *accumulate(len(char.encode()) for char in text)]

    def __getitem__(self, index: int) -> int:
        return self._starts[index] if self._starts else index

    def of(self, value: LocatedString) -> list[int]:
        """Return for each byte of a string's plain value, and for its end, the byte of the file it was read from."""
        offsets: list[int] = []
        position = value.start
        while position < value.end:
            escape = _ESCAPE.match(self.text, position, value.end)
            raw = escape[0] if escape else self.text[position]
            size = len(plain(json.loads(f'"{raw}"') if escape else raw).encode())
            offsets += [self[position]] * size if escape else range(self[position], self[position] + size)
            position += len(raw)
        return [*offsets, self[value.end]]
