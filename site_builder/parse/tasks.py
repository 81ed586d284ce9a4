"""`- [c]`: list items with a state. Any character marks one; a blank says that it is still to do."""

from __future__ import annotations

import re

from site_builder.note import Event

_MARK = re.compile(r"\[([^\[\]\s])\](?:[ \t]+|$)")

_STATE = re.compile(rb"\[[^\[\]\r\n]{1,4}\](?:\s|\Z)")


def read_tasks(events: list[Event], data: bytes) -> list[Event]:
    """Give every task the character between its brackets, and find those that Markdown itself does not know."""
    if not _STATE.search(data):
        return events
    out: list[Event] = []
    for index, event in enumerate(events):
        kind, value, start, end = event
        if kind == "task":
            out.append((kind, data[start:end].decode().strip()[1:-1], start, end))
        elif kind == "text" and value[:1] == "[" and _begins_item(events, index) and (mark := _MARK.match(value)):
            middle = start + len(mark[0].encode())
            if data[start - 1 : start] == b"\\":
                out.append(event)
                continue
            out.append(("task", mark[1], start, middle))
            if middle < end:
                out.append(("text", value[mark.end() :], middle, end))
        else:
            out.append(event)
    return out


def _begins_item(events: list[Event], index: int) -> bool:
    before = events[index - 1][0] if index else ""
    return before == "item" or (before == "paragraph" and index > 1 and events[index - 2][0] == "item")
