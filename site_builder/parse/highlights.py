"""`==highlight==`, with other inline markup inside it, never across blocks."""

from __future__ import annotations

import re
from collections import defaultdict

from site_builder.note import Event
from site_builder.parse.markdown import is_literal, split_text

_MARK = re.compile(r"(?<!=)==(?!=)")
_BREAKS = ("softbreak", "hardbreak")
_INLINE = frozenset(("em", "strong", "del", "link"))


def read_highlights(events: list[Event], data: bytes) -> list[Event]:
    """Add `highlight` and `/highlight` around text between two `==` of one parent."""
    if b"==" not in data:
        return events
    cuts = _cuts(events, data)
    out: list[Event] = []
    for index, event in enumerate(events):
        if index in cuts:
            out += _split(event, cuts[index])
        else:
            out.append(event)
    return out


def _cuts(events: list[Event], data: bytes) -> dict[int, list[tuple[int, str]]]:
    """Pair the marks: for each text event, where it is cut and whether a highlight opens or closes there."""
    cuts: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    waiting: list[tuple[int, int] | None] = [None]  # the open mark of each enclosing inline element
    code = False
    for index, (kind, value, start, end) in enumerate(events):
        if kind in ("codeblock", "/codeblock"):
            code = kind == "codeblock"
        elif code:
            continue
        elif kind in _INLINE:
            waiting.append(None)
        elif kind[0] == "/" and kind[1:] in _INLINE:
            waiting.pop()
        elif kind == "text":
            if "==" in value and is_literal(value, start, end):
                escaped = data[start - 1 : start] == b"\\"
                at_end = events[index + 1][0] in _BREAKS
                _pair(index, value, waiting, cuts, first=1 if escaped else 0, at_end=at_end)
        elif kind not in (
            *_BREAKS,
            "code",
            "math",
            "displaymath",
            "inlinehtml",
            "footnoteref",
            "embed",
            "image",
        ):
            waiting[:] = [None]  # a block begins or ends
    return cuts


def _pair(
    index: int,
    text: str,
    waiting: list[tuple[int, int] | None],
    cuts: defaultdict[int, list[tuple[int, str]]],
    *,
    first: int,
    at_end: bool,
) -> None:
    for mark in _MARK.finditer(text, first):
        open_mark = waiting[-1]
        before, after = text[mark.start() - 1 : mark.start()], text[mark.end() : mark.end() + 1]
        if open_mark is not None and not before.isspace() and open_mark != (index, mark.start() - 2):
            cuts[open_mark[0]].append((open_mark[1], "highlight"))
            cuts[index].append((mark.start(), "/highlight"))
            waiting[-1] = None
        elif not (after.isspace() or (at_end and not after)):
            waiting[-1] = (index, mark.start())


def _split(event: Event, cuts: list[tuple[int, str]]) -> list[Event]:
    ordered = sorted(cuts)
    kinds = iter(ordered)
    return [
        (next(kinds)[1], None, start, end) if kind == "cut" else (kind, piece, start, end)
        for kind, piece, start, end in split_text(event, ((at, at + 2) for at, _ in ordered))
    ]
