"""Footnotes as Obsidian reads them: labels without case, definitions that go on after two spaces, and `^[inline]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from site_builder.note import CONTAINERS, Event
from site_builder.parse.markdown import byte_offset, is_literal

_INLINE = frozenset(("em", "strong", "del", "link"))
_BRACKET = re.compile(r"\^\[|[\[\]]")
_INDENT = re.compile(rb"  | ?\t")


def read_footnotes(events: list[Event], data: bytes) -> list[Event]:
    """Write each reference as its definition does, and give definitions the indented blocks that follow them."""
    if b"[^" not in data:
        return events
    spelled: dict[str, str] = {}
    for kind, value, _, _ in events:
        if kind == "footnotedef":
            spelled.setdefault(value.casefold(), value)
    return [_respelled(event, spelled) for event in _extended(events, data)]


def _respelled(event: Event, spelled: dict[str, str]) -> Event:
    kind, value, start, end = event
    if kind != "footnoteref":
        return event
    label = spelled.get(value.casefold())
    return (kind, label, start, end) if label else ("text", f"[^{value}]", start, end)


def _extended(events: list[Event], data: bytes) -> Iterator[Event]:
    """Put off the end of a definition while the blocks after it are indented."""
    waiting: Event | None = None
    depth = 0
    for event in events:
        kind, _, start, end = event
        if waiting and not depth:
            if _is_indented(start, data):
                waiting = (*waiting[:3], end)
            else:
                yield waiting
                waiting = None
        if kind == "/footnotedef" and _line_start(start, data) == start:
            waiting = event
            continue
        if waiting:
            depth += (kind in CONTAINERS) - (kind[0] == "/")
        yield event
    if waiting:
        yield waiting


def _is_indented(offset: int, data: bytes) -> bool:
    return bool(_INDENT.match(data, _line_start(offset, data)))


def _line_start(offset: int, data: bytes) -> int:
    return data.rfind(b"\n", 0, offset) + 1


def read_inline_footnotes(events: list[Event], data: bytes) -> list[Event]:
    """Turn `^[text]` into a reference, and its text into a definition after everything else."""
    ends = _inline_ends(events, data) if b"^[" in data else {}
    if not ends:
        return events
    texts = _Texts(events)
    out: list[Event] = []
    definitions: list[Event] = []
    at = (0, 0)
    for opening, closing in sorted(ends.items()):
        if opening < at:
            continue  # a footnote in a footnote stays as text
        out += _between(texts, at, opening)
        start = texts.byte(opening)
        inside = _between(texts, (opening[0], opening[1] + 2), closing)
        end = texts.byte(closing) + 1
        label = f"^{len(definitions)}"
        out.append(("footnoteref", label, start, end))
        definitions += [("footnotedef", label, start, end), ("paragraph", None, start, end), *inside]
        definitions += [("/paragraph", None, start, end), ("/footnotedef", label, start, end)]
        at = (closing[0], closing[1] + 1)
    return [*out, *_between(texts, at, (len(events), 0)), *definitions]


_Place: TypeAlias = tuple[int, int]
"""An event, and a code point in its text."""


def _inline_ends(events: list[Event], data: bytes) -> dict[_Place, _Place]:
    """Return where each `^[` is closed, by a bracket of the same inline element."""
    ends: dict[_Place, _Place] = {}
    opened: list[list[_Place | None]] = [[]]
    is_code = False
    for index, (kind, value, start, end) in enumerate(events):
        is_code = kind == "codeblock" or (is_code and kind != "/codeblock")
        if kind == "text" and not is_code and ("[" in value or "]" in value) and is_literal(value, start, end):
            escaped = data[start - 1 : start] == b"\\"
            for bracket in _BRACKET.finditer(value, 1 if escaped else 0):
                if bracket[0] != "]":
                    opened[-1].append((index, bracket.start()) if bracket[0] == "^[" else None)
                elif opened[-1] and (opening := opened[-1].pop()):
                    ends[opening] = (index, bracket.start())
        elif kind in _INLINE:
            opened.append([])
        elif kind[0] == "/" and kind[1:] in _INLINE:
            opened.pop()
        elif kind in CONTAINERS or kind[0] == "/":
            opened = [[]]
    return ends


def _between(texts: _Texts, first: _Place, last: _Place) -> list[Event]:
    """Return the events from one place up to another; of the texts at the ends only what lies between."""
    if first[0] == last[0]:
        return texts.cut(first[0], first[1], last[1])
    events = texts.events
    start = texts.cut(first[0], first[1], None) if first[1] else [events[first[0]]]
    end = texts.cut(last[0], 0, last[1]) if last[1] else []
    return [*start, *events[first[0] + 1 : last[0]], *end]


class _Texts:
    """Events whose texts are cut in order, so that every offset is counted once, however many cuts there are."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self._known = (0, 0, events[0][2] if events else 0)

    def byte(self, place: _Place) -> int:
        """Return the byte of a place; places are asked for in order, but for the last few."""
        index, offset = place
        _, text, start, _ = self.events[index]
        known = self._known if self._known[0] == index and self._known[1] <= offset else (index, 0, start)
        byte = known[2] + byte_offset(text[known[1] : offset], offset - known[1])
        self._known = (index, offset, byte)
        return byte

    def cut(self, index: int, first: int, last: int | None) -> list[Event]:
        """Return a part of a text as an event; nothing for no characters."""
        piece = self.events[index][1][first:last]
        start = self.byte((index, first))
        return [("text", piece, start, start + len(piece.encode()))] if piece else []
