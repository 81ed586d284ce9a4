"""CommonMark with the extensions that Obsidian shares with others, as flat events. Alone in knowing pyromark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyromark

from site_builder.note import Event

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_MATH
    | pyromark.Options.ENABLE_WIKILINKS
)
_OBSIDIAN = pyromark.Markdown(options=_OPTIONS)
_COMMONMARK = pyromark.Markdown()

_PLAIN = {"SoftBreak": "softbreak", "HardBreak": "hardbreak", "Rule": "rule"}
_NAMES = {
    "Paragraph": "paragraph", "HtmlBlock": "htmlblock", "Item": "item", "Table": "table", "TableHead": "thead",
    "TableRow": "row", "TableCell": "cell", "Emphasis": "em", "Strong": "strong", "Strikethrough": "del",
    "FootnoteDefinition": "footnotedef", "CodeBlock": "codeblock", "Link": "link", "Image": "image",
    "Heading": "heading", "BlockQuote": "quote", "List": "list",
}  # fmt: skip
_LEAVES = {
    "Code": "code", "InlineMath": "math", "DisplayMath": "displaymath", "Html": "html", "InlineHtml": "inlinehtml",
    "FootnoteReference": "footnoteref", "TaskListMarker": "task",
}  # fmt: skip


def read_events(text: str, base: int) -> list[Event]:
    """Parse Markdown; offsets are bytes, counted from `base`. Pieces of text that touch become one."""
    events = _flat(_OBSIDIAN, text, base)
    return list(_join_text(_drop_single_tildes(events, text.encode(), base) if "~" in text else events))


def read_commonmark(text: str, base: int) -> list[Event]:
    """Parse Markdown as CommonMark has it, without anything that Obsidian adds."""
    return list(_join_text(_flat(_COMMONMARK, text, base)))


def _flat(parser: pyromark.Markdown, text: str, base: int) -> Iterator[Event]:
    for event, span in parser.events_with_range(text):
        start, end = span["start"] + base, span["end"] + base
        if isinstance(event, str):
            yield _PLAIN[event], None, start, end
            continue
        ((shape, value),) = event.items()
        if shape == "Text":
            yield "text", value, start, end
        elif shape == "Start":
            name, data = _tag(value)
            yield name, data, start, end
        elif shape == "End":
            name, data = _tag(value)
            yield "/" + name, data, start, end
        else:
            yield _LEAVES[shape], value, start, end


def _tag(tag: Any) -> tuple[str, Any]:
    if tag.__class__ is str:
        return _NAMES[tag], None
    ((name, data),) = tag.items()
    return _NAMES[name], data


def _drop_single_tildes(events: Iterable[Event], data: bytes, base: int) -> Iterator[Event]:
    """Turn `~one~` back into text: Obsidian strikes out only what stands between two tildes."""
    for event in events:
        kind, _, start, end = event
        single = kind in ("del", "/del") and data[start - base : start - base + 2] != b"~~"
        if not single:
            yield event
        elif kind == "del":
            yield "text", "~", start, start + 1
        else:
            yield "text", "~", end - 1, end


def _join_text(events: Iterable[Event]) -> Iterator[Event]:
    pieces: list[str] = []
    first = last = 0
    for event in events:
        kind, value, start, end = event
        if kind == "text" and is_literal(value, start, end):
            if pieces and start != last:
                yield "text", "".join(pieces), first, last
                pieces.clear()
            if not pieces:
                first = start
            pieces.append(value)
            last = end
            continue
        if pieces:
            yield "text", "".join(pieces), first, last
            pieces.clear()
        yield event
    if pieces:
        yield "text", "".join(pieces), first, last


def is_literal(value: str, start: int, end: int) -> bool:
    """Whether a text is its source, byte for byte: an entity is not."""
    return (len(value) if value.isascii() else len(value.encode())) == end - start


def byte_offset(text: str, index: int) -> int:
    """Return how many bytes come before a code point of a text."""
    return index if text.isascii() else len(text[:index].encode())


def split_text(event: Event, cuts: Iterable[tuple[int, int]]) -> Iterator[Event]:
    """Yield what a text holds before, between and after some cuts, given in order as ranges of code points.

    A cut itself is yielded as a `cut` event, so that every offset is counted once, however many cuts there are.
    """
    _, text, offset, _ = event
    position = 0
    for first, last in (*cuts, (len(text), len(text))):
        for kind, piece in (("text", text[position:first]), ("cut", text[first:last])):
            if piece:
                end = offset + (len(piece) if piece.isascii() else len(piece.encode()))
                yield kind, piece, offset, end
                offset = end
        position = last


def flatten(events: Iterable[Event]) -> str:
    """Return the words of inline events: no markup, formulas as their source."""
    return "".join(_words(events))


def _words(events: Iterable[Event]) -> Iterator[str]:
    for kind, value, _, _ in events:
        if kind in ("text", "code", "math", "displaymath"):
            yield value
        elif kind == "tag":
            yield f"#{value.name}"
        elif kind in ("softbreak", "hardbreak"):
            yield " "
