"""`%%comments%%`: taken out of the text before Markdown sees it, so that nothing in them counts.

A comment's bytes become fillers, so every offset stays what it was in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_builder.note import Event
from site_builder.parse.markdown import find_literal, is_literal, split_text

FILLER = "\x1a"
"""Stands for a byte of a comment; never shown."""

_MARK = b"%%"
_FILLERS = re.compile(f"{FILLER}+")
_FILLED_LINE = re.compile(rb"^[ \t>]*\x1a[ \t>\x1a]*$", re.MULTILINE)
_QUOTE_MARK = re.compile(rb"[ \t]*>")
_BLANKS = re.compile(rb"[ \t]*")
_ROUNDS = 32


def blank_comments(text: str) -> str:
    """Replace comments by fillers. A mark in code or math begins none; the next mark, wherever it stands, ends one."""
    if "%%" not in text:
        return text
    data = bytearray(text.encode())
    for _ in range(_ROUNDS):  # a comment that held half a fence or formula changes what follows it: look again
        if not _blank_round(data, careful=True):
            break
    else:
        _blank_round(data, careful=False)
    # a line of fillers becomes a line of blanks, so that it separates paragraphs
    return _FILLED_LINE.sub(lambda line: line[0].replace(FILLER.encode(), b" "), bytes(data)).decode()


def drop_fillers(events: list[Event]) -> list[Event]:
    """Take the fillers out of the events, and leave every offset as it is."""
    return [piece for event in events for piece in _dropped(event)]


def _dropped(event: Event) -> Iterator[Event]:
    kind, value, start, end = event
    if not isinstance(value, str) or FILLER not in value:
        yield event
    elif kind == "text" and is_literal(value, start, end):
        cuts = (found.span() for found in _FILLERS.finditer(value))
        yield from (piece for piece in split_text(event, cuts) if piece[0] == "text")
    else:
        yield kind, value.replace(FILLER, ""), start, end


def _blank_round(data: bytearray, *, careful: bool) -> bool:
    """Blank comments, if careful up to and with the first that changes what follows; return whether there was one."""
    marks = list(find_literal(data.decode(), "%%"))
    known = set(marks)
    done = 0
    for start in marks:
        if start < done:
            continue
        end = data.find(_MARK, start + 2)
        if end < 0:
            return False
        done = end + 2
        _blank(data, start, done)
        if careful and end not in known:
            return True
    return False


def _blank(data: bytearray, start: int, end: int) -> None:
    """Fill a comment. Its later lines keep the quotation marks and indent of its first: what is around it goes on."""
    first, *later = bytes(data[start:end]).split(b"\n")
    lines = [FILLER.encode() * len(first)]
    if later:
        before = bytes(data[data.rfind(b"\n", 0, start) + 1 : start])
        quotes = after_quotes(before, len(before))
        depth = before[:quotes].count(b">")
        indent = len(before) - quotes if not before[quotes:].strip() else 0
        lines += [_fill(line, depth, indent) for line in later]
    data[start:end] = b"\n".join(lines)


def _fill(line: bytes, depth: int, indent: int) -> bytes:
    quotes = after_quotes(line, depth)
    blanks = _BLANKS.match(line, quotes, quotes + indent)
    kept = blanks.end() if blanks else quotes
    return line[:kept] + FILLER.encode() * (len(line) - kept)


def after_quotes(line: bytes, depth: int) -> int:
    """Return where the quotation marks of a line end, at most so many of them."""
    position = 0
    for _ in range(depth):
        mark = _QUOTE_MARK.match(line, position)
        if not mark:
            break
        position = mark.end()
    return position
