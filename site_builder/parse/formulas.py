"""Formulas as Obsidian reads them, where the Markdown parser would read something else.

A formula set apart goes on over blank lines and over lines that begin like a list or a heading, and a `$` before a
digit closes none. The bytes that mislead the parser are masked before it looks, each by one byte, and restored in its
events.
"""

from __future__ import annotations

import re
from itertools import pairwise

from site_builder.note import Event
from site_builder.parse.comments import after_quotes
from site_builder.parse.markdown import find_literal, read_events

_LINE_END, _DOLLAR = "\x1b", "\x1c"
_MASKS = str.maketrans({_LINE_END: "\n", _DOLLAR: "$"})
_OPENS = re.compile(rb"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t>]*(?=\$\$)", re.MULTILINE)
_PRICE = re.compile(r"[^\s$\\]\$\d")
_ROUNDS = 8
_LONGEST_MARKS = 2000
_NEWLINE = ord("\n")


def mask_formulas(text: str) -> str:
    """Mask line ends in formulas set apart, and dollars that would close a formula before a digit."""
    if "$" not in text or _LINE_END in text or _DOLLAR in text:
        return text
    data = bytearray(text.encode())
    rounds = iter(range(_ROUNDS))  # a formula that held half a fence changes what follows it: look again
    while _OPENS.search(data) and _join_lines(data) and next(rounds, None) is not None:
        pass
    rounds = iter(range(_ROUNDS))  # a dollar that closes nothing leaves the one before it to look for another
    while _PRICE.search(data.decode()) and _mask_prices(data) and next(rounds, None) is not None:
        pass
    return data.decode()


def unmask_text(text: str) -> str:
    """Return a text as it was."""
    return text.translate(_MASKS)


def unmask_events(events: list[Event], data: bytes) -> list[Event]:
    """Restore what was masked in events. `data` is the text as it was."""
    return [_unmasked(event, data) for event in events]


def _unmasked(event: Event, data: bytes) -> Event:
    kind, value, start, end = event
    if isinstance(value, dict) and _DOLLAR in value.get("dest_url", "") + value.get("title", ""):
        value = {key: unmask_text(part) if isinstance(part, str) else part for key, part in value.items()}
    elif kind == "displaymath" and _LINE_END in value:
        value = _without_quotes(data, start + 2, end - 2)
    elif isinstance(value, str):
        value = unmask_text(value)
    return kind, value, start, end


def _without_quotes(data: bytes, start: int, end: int) -> str:
    """Return a formula without the quotation marks before its lines."""
    depth = _depth(data, start)
    first, *later = data[start:end].split(b"\n")
    bare = (line[after_quotes(line, depth) :].removeprefix(b" " if depth else b"") for line in later)
    return b"\n".join([first, *bare]).decode()


def _depth(data: bytes | bytearray, start: int) -> int:
    """Return in how many quotations a formula stands that begins its line."""
    return data.count(b">", _line_start(data, start), start)


def _line_start(data: bytes | bytearray, offset: int) -> int:
    """Return where a line begins, or a place near enough that is none: marks alone do not go on for so long."""
    far = max(0, offset - _LONGEST_MARKS)
    return max(data.rfind(b"\n", far, offset) + 1, far)


def _join_lines(data: bytearray) -> bool:
    """Make one line of each formula that begins a line and whose marks the parser took for text."""
    dollars = list(find_literal(data.decode(), "$"))  # one by one: the parser may give each as a text of its own
    marks = [first for first, second in pairwise(dollars) if second == first + 1]
    known = set(marks)
    done = 0
    joined = False
    for start in marks:
        end = data.find(b"$$", start + 2)
        if start < done or end not in known or not _begins_line(data, start) or not _holds(data, start, end):
            continue
        done = end + 2
        data[start:done] = data[start:done].replace(b"\n", _LINE_END.encode())
        joined = True
    return joined


def _begins_line(data: bytearray, start: int) -> bool:
    line = _line_start(data, start)
    found = _OPENS.match(data, line) if line == 0 or data[line - 1] == _NEWLINE else None
    return found is not None and found.end() == start


def _holds(data: bytearray, start: int, end: int) -> bool:
    """Whether a formula has several lines, and the quotation around it goes on to its end."""
    depth = _depth(data, start)
    later = bytes(data[start:end]).split(b"\n")[1:]
    return bool(later) and all(line[: after_quotes(line, depth)].count(b">") == depth for line in later)


def _mask_prices(data: bytearray) -> bool:
    """Mask the dollars that close a formula before a digit."""
    ends = [
        end
        for kind, _, _, end in read_events(data.decode(), 0)
        if kind == "math" and data[end - 1 : end] == b"$" and data[end : end + 1].isdigit()
    ]
    for end in ends:
        data[end - 1 : end] = _DOLLAR.encode()
    return bool(ends)
