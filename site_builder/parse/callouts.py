"""`> [!type]- Title`: a quotation that begins so becomes a callout."""

from __future__ import annotations

import re

from site_builder.note import Callout, Event

_HEAD = re.compile(r"\[!([^\]|\n]+)(?:\|([^\]\n]*))?\]([+-]?)[ \t]*")


def read_callouts(events: list[Event], data: bytes) -> list[Event]:
    """Turn quotations with a callout's head into `callout`, with a `callouttitle` and the body inside."""
    if b"[!" not in data:
        return events
    out: list[Event] = []
    closers: list[str] = []
    index = 0
    while index < len(events):
        event = events[index]
        if event[0] == "quote":
            head = _head(events, index, data)
            closers.append("/callout" if head else "/quote")
            if head:
                index = _open(events, index, head, out)
                continue
        elif event[0] == "/quote":
            event = (closers.pop(), *event[1:])
        out.append(event)
        index += 1
    return out


def _head(events: list[Event], index: int, data: bytes) -> re.Match[str] | None:
    if len(events) <= index + 2 or events[index + 1][0] != "paragraph" or events[index + 2][0] != "text":
        return None
    _, text, start, _ = events[index + 2]
    return None if data[start - 1 : start] == b"\\" else _HEAD.match(text)


def _open(events: list[Event], index: int, head: re.Match[str], out: list[Event]) -> int:
    """Write a callout's head and title; return where its body begins."""
    _, _, start, end = events[index]
    _, words, text_start, text_end = events[index + 2]
    rest, rest_start = words[head.end() :], text_start + len(head[0].encode())
    title_end = _title_end(events, index + 2)
    title: list[Event] = [("text", rest, rest_start, text_end)] if rest else []
    title += events[index + 3 : title_end]
    callout = Callout(head[1].strip().lower(), (head[2] or "").strip(), head[3], bool(title))
    out.append(("callout", callout, start, end))
    out += [("callouttitle", callout, text_start, text_end), *title, ("/callouttitle", callout, text_start, text_end)]
    if events[title_end][0] == "/paragraph":
        return title_end + 1
    _, _, _, line_end = events[title_end]
    out.append(("paragraph", None, line_end, events[index + 1][3]))
    return title_end + 1


def _title_end(events: list[Event], index: int) -> int:
    depth = 0
    while True:
        kind = events[index][0]
        if kind == "/paragraph" or (depth == 0 and kind in ("softbreak", "hardbreak")):
            return index
        depth += (kind in ("em", "strong", "del", "link")) - (kind in ("/em", "/strong", "/del", "/link"))
        index += 1
