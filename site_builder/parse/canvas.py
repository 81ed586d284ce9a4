"""A canvas, read as a note: its cards hold Markdown, embeds and links, each where it stands in the file.

Source: JSON Canvas 1.0, https://jsoncanvas.org/spec/1.0/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from site_builder.diagnostics import Diagnostic, Related
from site_builder.note import (
    Board,
    Card,
    Connection,
    Event,
    FootnoteDefinition,
    Link,
    LinkKind,
    Note,
    Properties,
    SourceFile,
    Tag,
)
from site_builder.parse.located_json import ByteOffsets, LocatedString, plain, read_json
from site_builder.parse.problems import BROKEN_CANVAS
from site_builder.text import START_OF_FILE, Source, Span

_COLOR = re.compile(r"[1-6]|#[0-9a-fA-F]{6}")
_SIDES = ("top", "right", "bottom", "left")
_FAR = 50_000.0  # pixels from the middle: nothing further away would ever be seen
_MARGIN = 40.0  # pixels around the outermost cards
_SMALL, _LARGE = 20.0, 10_000.0

ParseText = Callable[[SourceFile], Note]


def parse_canvas(file: SourceFile, parse_text: ParseText) -> Note:
    """Parse a canvas; `parse_text` reads the Markdown of a card. Faults become diagnostics; no text makes it raise."""
    return _Reader(file, parse_text).note()


class _Reader:
    """Reads one canvas; what its cards hold is gathered in order."""

    def __init__(self, file: SourceFile, parse_text: ParseText) -> None:
        self.file = file
        self.source = file.source
        self.parse_text = parse_text
        self.bytes = ByteOffsets(file.source.text)
        self.faults: list[Diagnostic] = []
        self.inside: list[Event] = []
        self.footnotes: list[FootnoteDefinition] = []
        self.tags: dict[str, Tag] = {}

    def note(self) -> Note:
        content = self._content()
        left, top = self._corner(content)
        cards = [card for each in self._items(content, "nodes") if (card := self._card(each, left, top))]
        connections = self._connections(content, {card.id for card in cards})
        width, height = (
            _MARGIN + max(sides, default=0.0)
            for sides in ([c.x + c.width for c in cards], [c.y + c.height for c in cards])
        )
        board = Board(tuple(cards), tuple(connections), width, height)
        size = len(self.source.data)
        events: list[Event] = [("canvas", board, 0, size), *self.inside, ("/canvas", board, size, size)]
        return Note(
            id=self.file.id,
            source=self.source,
            hash=self.file.hash,
            properties=Properties({}, {}, 0),
            events=tuple(events),
            headings=(),
            blocks=(),
            links=tuple(event[1] for event in events if event[0] in ("link", "embed") and isinstance(event[1], Link)),
            tags=tuple(self.tags.values()),
            footnotes=tuple(self.footnotes),
            diagnostics=tuple(self.faults),
        )

    def _content(self) -> Mapping[str, Any]:
        try:
            content = read_json(self.source.text) if self.source.text.strip() else {}
        except RecursionError:
            self._fault("values in values, too deep to read", START_OF_FILE)
            return {}
        except ValueError as error:
            at = getattr(error, "pos", 0)
            last = len(self.source.text)
            span = Span(self.bytes[min(at, last)], self.bytes[min(at + 1, last)])
            self._fault(f"no JSON: {getattr(error, 'msg', error)}", span)
            return {}
        if not isinstance(content, dict):
            self._fault("a canvas is an object with `nodes` and `edges`", START_OF_FILE)
            return {}
        return content

    def _items(self, content: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
        items = content.get(name, [])
        if not isinstance(items, list):
            self._fault(f"`{name}` is no list", START_OF_FILE)
            return
        for each in items:
            if isinstance(each, dict):
                yield each
            else:
                self._fault(f"`{name}` holds something that is no object", self._place(each))

    def _corner(self, content: Mapping[str, Any]) -> tuple[float, float]:
        """Return the place that is the board's left upper corner."""
        nodes = content.get("nodes")
        found = [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
        places = ([_number(node.get(name), _FAR) for node in found] for name in ("x", "y"))
        left, top = (min((place for place in each if place is not None), default=0.0) - _MARGIN for each in places)
        return left, top

    def _card(self, node: Mapping[str, Any], left: float, top: float) -> Card | None:
        kind, id_ = node.get("type"), node.get("id")
        if not isinstance(id_, str) or not isinstance(kind, str) or kind not in _CONTENT:
            self._fault(
                "a node without an id" if not isinstance(id_, str) else f"a node of the type `{kind}`",
                self._place(kind, id_),
            )
            return None
        x, y, width, height = (self._number(node, name) for name in ("x", "y", "width", "height"))
        box = x - left, y - top, max(_SMALL, width), max(_SMALL, height)
        card = Card(plain(id_), kind, *box, _color(node), _label(node) if kind == "group" else "")
        held = node.get(_CONTENT[kind], "")
        if kind != "group" and not isinstance(held, str):
            self._fault(f"a node of the type `{kind}` without `{_CONTENT[kind]}`", self._place(id_))
        span = self._place(held, id_)
        self.inside.append(("canvascard", card, *span))
        if isinstance(held, LocatedString):
            self._read(kind, held, node)
        self.inside.append(("/canvascard", card, span.end, span.end))
        return card

    def _read(self, kind: str, held: LocatedString, node: Mapping[str, Any]) -> None:
        match kind:
            case "text":
                self._read_text(held, node)
            case "file":
                self._read_file(held, node)
            case "link":
                self._read_link(held)

    def _number(self, node: Mapping[str, Any], name: str) -> float:
        limit = _FAR if name in ("x", "y") else _LARGE
        value = _number(node.get(name), limit)
        if value is None:
            self._fault(f"`{name}` is no number up to {limit:,.0f}", self._place(node.get("id")))
            return 0.0 if name in ("x", "y") else 200.0
        return value

    def _read_text(self, text: LocatedString, node: Mapping[str, Any]) -> None:
        """Read a card's Markdown as a note of its own, and move all it holds to where it stands in the file."""
        card = self.parse_text(SourceFile(self.file.id, Source(self.source.path, plain(text)), ""))
        offsets = self.bytes.of(text)

        def moved(span: Span) -> Span:
            return Span(offsets[min(span.start, len(offsets) - 1)], offsets[min(span.end, len(offsets) - 1)])

        first, prefix = len(self.inside), f"{node['id']}:"
        self.inside += [_moved(event, moved, prefix) for event in card.events]
        self.footnotes += [
            FootnoteDefinition(f"{prefix}{each.label}", each.first + first + 1, each.end + first + 1, moved(each.span))
            for each in card.footnotes
        ]
        for tag in card.tags:
            self.tags.setdefault(tag.name.lower(), replace(tag, span=moved(tag.span)))
        for fault in card.diagnostics:
            related = tuple(Related(self.source, moved(each.span), each.message) for each in fault.related)
            self.faults.append(replace(fault, file=self.source, span=moved(fault.span), related=related))

    def _read_file(self, path: LocatedString, node: Mapping[str, Any]) -> None:
        subpath = node.get("subpath")
        place = subpath.removeprefix("#") if isinstance(subpath, str) else ""
        span = self._place(path)
        link = Link(LinkKind.WIKILINK, plain(path), plain(place), None, True, span)
        self.inside += [("paragraph", None, *span), ("embed", link, *span), ("/paragraph", None, *span)]

    def _read_link(self, url: LocatedString) -> None:
        span = self._place(url)
        self.inside += [("paragraph", None, *span), ("link", (plain(url), ""), *span), ("text", plain(url), *span)]
        self.inside += [("/link", None, *span), ("/paragraph", None, *span)]

    def _connections(self, content: Mapping[str, Any], cards: set[str]) -> Iterator[Connection]:
        for edge in self._items(content, "edges"):
            ends = edge.get("fromNode"), edge.get("toNode")
            gone = [end for end in ends if not (isinstance(end, str) and plain(end) in cards)]
            if gone:
                self._fault(
                    f"an edge to the node `{gone[0]}`, which is not there", self._place(gone[0], edge.get("id"))
                )
                continue
            first, last = ends
            yield Connection(
                first=plain(str(first)),
                last=plain(str(last)),
                from_side=edge["fromSide"] if edge.get("fromSide") in _SIDES else "",
                to_side=edge["toSide"] if edge.get("toSide") in _SIDES else "",
                arrow_at_first=edge.get("fromEnd") == "arrow",
                arrow_at_last=edge.get("toEnd") != "none",
                color=_color(edge),
                label=_label(edge),
            )

    def _place(self, *values: object) -> Span:
        """Return where the first of some values that is a string stands."""
        for value in values:
            if isinstance(value, LocatedString):
                return Span(self.bytes[value.start], self.bytes[value.end])
        return START_OF_FILE

    def _fault(self, message: str, span: Span) -> None:
        hint = "open it in Obsidian and save it again, or mend it by hand"
        self.faults.append(Diagnostic(BROKEN_CANVAS, self.source, span, message, hint))


def _number(value: object, limit: float) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= limit
    return float(value) if fits else None  # type: ignore[arg-type]


def _color(item: Mapping[str, Any]) -> str:
    color = item.get("color")
    return color if isinstance(color, str) and _COLOR.fullmatch(color) else ""


def _label(item: Mapping[str, Any]) -> str:
    label = item.get("label")
    return plain(label) if isinstance(label, str) else ""


_CONTENT = {"text": "text", "file": "file", "link": "url", "group": "label"}
"""The kinds of node, and the field that holds what each shows."""


def _moved(event: Event, moved: Callable[[Span], Span], prefix: str) -> Event:
    """Move an event to its place in the file; its headings stand below the page's own, its footnotes are the card's."""
    kind, value, start, end = event
    span = moved(Span(start, end))
    if isinstance(value, Link | Tag):
        value = replace(value, span=moved(value.span))
    elif kind.removeprefix("/") in ("footnoteref", "footnotedef"):
        value = f"{prefix}{value}"
    elif kind == "heading":
        value = {**value, "level": f"H{min(6, int(value['level'][1]) + 1)}"}
    return kind, value, *span
