"""`^block-id`: which block carries which id. The ids are taken out of the text, because readers do not see them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from site_builder.names import Anchor
from site_builder.note import Block, Event
from site_builder.text import Span

_ID = re.compile(r"\^([A-Za-z0-9-]+)[ \t]*")
_ENDS_A_LINE = re.compile(rb"\^[A-Za-z0-9-]+[ \t\r\x1a]*(?:\n|\Z)")  # \x1a: the filler of a comment
_BREAKS = frozenset(("softbreak", "hardbreak"))
_BLOCKS = frozenset(
    (
        "paragraph",
        "heading",
        "item",
        "list",
        "quote",
        "callout",
        "table",
        "row",
        "cell",
        "codeblock",
        "htmlblock",
        "footnotedef",
        "thead",
    )
)
_ENDS_LINE = frozenset(("/paragraph", "/item", "/heading", "/cell", "list", "quote", "callout"))


@dataclass(slots=True)
class _Open:
    name: str
    first: int
    start: int
    ids: list[str] = field(default_factory=list)
    last_child: tuple[int, int, Span] | None = None


def read_blocks(events: list[Event], data: bytes) -> tuple[list[Event], tuple[Block, ...]]:
    """Take block ids out of the events and return the blocks that carry them, in order; the first use of an id wins."""
    if not _ENDS_A_LINE.search(data):
        return events, ()
    walk = _Walk(data)
    for index, event in enumerate(events):
        walk.step(event, events[index + 1][0] if index + 1 < len(events) else "")
    unique: dict[str, Block] = {}
    for block in walk.blocks:
        unique.setdefault(block.id.lower(), block)
    return walk.out, tuple(sorted(unique.values(), key=lambda block: block.first))


class _Walk:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.out: list[Event] = []
        self.blocks: list[Block] = []
        self.stack = [_Open("", 0, 0)]

    def step(self, event: Event, following: str) -> None:
        kind, value, start, _ = event
        if kind in _BLOCKS:
            self.stack.append(_Open(kind, len(self.out), start))
        elif kind == "text" and following in _ENDS_LINE and (found := self._id(value, start)):
            self._take(event, *found)
            return
        if kind == "rule":
            self.stack[-1].last_child = None
        self.out.append(event)
        if kind[0] == "/" and kind[1:] in _BLOCKS:
            self._close(event)

    def _id(self, text: str, start: int) -> tuple[str, str] | None:
        """Return an id at the end of a text, and the text before it."""
        at = text.rfind("^")
        found = _ID.fullmatch(text, at) if at >= 0 else None
        if found is None:
            return None
        rest = text[:at].rstrip(" \t")
        alone = not rest and self._owns_line(self.stack[-1])
        if self.stack[-1].name == "cell":  # a table takes in the line after it: only there is it no row's text
            return ("", found[1]) if alone and self._line(start) == found[0].strip().encode() else None
        return (rest, found[1]) if alone or len(rest) < at else None

    def _line(self, offset: int) -> bytes:
        first, last = self.data.rfind(b"\n", 0, offset) + 1, self.data.find(b"\n", offset)
        return self.data[first : last if last >= 0 else None].strip(b" \t\r>")

    def _take(self, event: Event, rest: str, identifier: str) -> None:
        start, parent = event[2], self.stack[-1]
        if rest or not self._owns_line(parent):
            parent = self._carrier()
            if rest:
                self.out.append(("text", rest, start, start + len(rest.encode())))
        elif self.out[-1][0] in _BREAKS:
            self.out.pop()
            parent = self._outermost() if self.data[start - 1 : start] == b"\n" else self._carrier()
        elif parent.name == "cell":
            parent = next(opened for opened in reversed(self.stack) if opened.name == "table")
            self.stack[-2].ids.append("")  # an empty row, dropped when it closes
        parent.ids.append(identifier)

    def _owns_line(self, parent: _Open) -> bool:
        return bool(self.out) and (
            self.out[-1][0] in (*_BREAKS, "paragraph", "cell") or len(self.out) - 1 == parent.first
        )

    def _carrier(self) -> _Open:
        """The block an id at the end of a text belongs to: the list item, if this is the item's first paragraph."""
        inner, outer = self.stack[-1], self.stack[-2] if len(self.stack) > 1 else self.stack[-1]
        return outer if inner.name == "paragraph" and outer.name == "item" and outer.first + 1 == inner.first else inner

    def _outermost(self) -> _Open:
        return next((opened for opened in self.stack if opened.name in ("list", "quote", "callout")), self._carrier())

    def _close(self, event: Event) -> None:
        opened = self.stack.pop()
        parent = self.stack[-1]
        alone = len(self.out) == opened.first + 2 and opened.name == "paragraph" and opened.ids
        if alone and parent.last_child:
            del self.out[opened.first :]
            first, end, span = parent.last_child
            self.blocks += [_block(identifier, first, end, span) for identifier in opened.ids]
            return
        if opened.name == "row" and "" in opened.ids:
            del self.out[opened.first :]
            return
        span = Span(opened.start, event[3])
        self.blocks += [_block(identifier, opened.first, len(self.out), span) for identifier in opened.ids]
        parent.last_child = opened.first, len(self.out), span


def _block(identifier: str, first: int, end: int, span: Span) -> Block:
    return Block(identifier, Anchor(f"^{identifier}"), first, end, span)
