"""Footnotes as Obsidian reads them: labels without case, and definitions that go on after an indent of two spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_builder.note import CONTAINERS, Event

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
