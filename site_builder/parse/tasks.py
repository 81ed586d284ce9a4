"""`- [c]`: list items with a state. Any character marks one; a blank says that it is still to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_builder.note import Event

_MARK = re.compile(r"\[([^\[\]\s])\](?:[ \t]+|$)")


def read_tasks(events: list[Event], data: bytes) -> list[Event]:
    """Give every task the character between its brackets, and find those that Markdown itself does not know."""
    return list(_read(events, data)) if b"[" in data else events


def _read(events: list[Event], data: bytes) -> Iterator[Event]:
    begins = False
    for event in events:
        kind, value, start, end = event
        mark = _MARK.match(value) if begins and kind == "text" and data[start - 1 : start] != b"\\" else None
        begins = kind == "item" or (begins and kind == "paragraph")
        if kind == "task":
            yield kind, data[start:end].decode().strip()[1:-1], start, end
        elif mark:
            middle = start + len(mark[0].encode())
            yield "task", mark[1], start, middle
            if middle < end:
                yield "text", value[mark.end() :], middle, end
        else:
            yield event
