"""Citations of works by their keys in a .bib file, as Pandoc writes them: `[@a]`, `[see @a, p. 3; @b]`, `[-@a]`.

Source: Pandoc User's Guide, "Citation syntax". Which keys exist is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_builder.note import Citation, CitedKey, Event
from site_builder.parse.markdown import is_literal, split_text

_GROUP = re.compile(r"(?<!\\)\[[^\[\]@]{0,200}@[^\[\]]{1,1000}\](?![(\[:])")
_MAYBE = re.compile(rb"\[[^\[\]\n]*@\w")
_ITEM = re.compile(
    r"\s*(?P<before>[^@]*?)\s*(?P<yearonly>-?)@(?P<key>\w(?:[\w:.#$%&+?<>~/-]*[\w/])?)(?P<after>(?:[\s,:].*)?)"
)


def read_citations(events: list[Event], data: bytes) -> list[Event]:
    """Turn each `[@key]` in text into one event that holds a `Citation`."""
    if not _MAYBE.search(data):
        return events
    out: list[Event] = []
    code = 0
    for event in events:
        kind, value, start, end = event
        code += (kind == "codeblock") - (kind == "/codeblock")
        if code or kind != "text" or "@" not in value or not is_literal(value, start, end):
            out.append(event)
        else:
            out += _cited(event, escaped=data[start - 1 : start] == b"\\")
    return out


def _cited(event: Event, *, escaped: bool) -> Iterator[Event]:
    found = {
        match.span(): citation for match in _GROUP.finditer(event[1], int(escaped)) if (citation := _read(match[0]))
    }
    position = 0
    for kind, piece, start, end in split_text(event, found):
        value = found.get((position, position + len(piece))) if kind == "cut" else piece
        yield ("citation" if kind == "cut" else "text"), value, start, end
        position += len(piece)


def _read(source: str) -> Citation | None:
    items = [_ITEM.fullmatch(part) for part in source[1:-1].split(";")]
    keys = tuple(
        CitedKey(item["key"], item["before"], item["after"].rstrip(), year_only=bool(item["yearonly"]))
        for item in items
        if item
    )
    return Citation(keys, source) if len(keys) == len(items) else None
