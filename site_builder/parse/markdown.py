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

_NAMES = {
    "Paragraph": "paragraph", "HtmlBlock": "htmlblock", "Item": "item", "Table": "table", "TableHead": "thead",
    "TableRow": "row", "TableCell": "cell", "Emphasis": "em", "Strong": "strong", "Strikethrough": "del",
    "FootnoteDefinition": "footnotedef", "CodeBlock": "codeblock", "Link": "link", "Image": "image",
    "Heading": "heading", "BlockQuote": "quote", "List": "list",
}  # fmt: skip
_WITH_WORDS = frozenset(("Text", "Html", "InlineHtml"))
_CLOSERS = {name: f"/{kind}" for name, kind in _NAMES.items()}
_LEAVES = {
    "SoftBreak": "softbreak", "HardBreak": "hardbreak", "Rule": "rule", "Text": "text", "Code": "code",
    "InlineMath": "math", "DisplayMath": "displaymath", "Html": "html", "InlineHtml": "inlinehtml",
    "FootnoteReference": "footnoteref", "TaskListMarker": "task",
}  # fmt: skip


def read_events(text: str, base: int) -> list[Event]:
    """Parse Markdown; offsets are bytes, counted from `base`. Pieces of text that touch become one."""
    return _read(_OBSIDIAN, text, base)


def read_commonmark(text: str, base: int) -> list[Event]:
    """Parse Markdown as CommonMark has it, without anything that Obsidian adds."""
    return _read(_COMMONMARK, text, base)


def _read(parser: pyromark.Markdown, text: str, base: int) -> list[Event]:
    """Read the parser's events. One loop, because a large vault has millions of them."""
    data = text.encode()
    ascii_only = len(data) == len(text)
    out: list[Event] = []
    pieces: list[str] = []
    first = last = 0
    parsed: Iterable[tuple[Any, Any]] = parser.events_with_range(text)
    value: Any
    attributes: Any
    for event, span in parsed:
        start, end = span["start"] + base, span["end"] + base
        shape, value = (event, None) if event.__class__ is str else next(iter(event.items()))
        if value == "Strikethrough" and shape != "Text" and data[start - base : start - base + 2] != b"~~":
            # Obsidian strikes out only what stands between two tildes: one is text
            start, end = (start, start + 1) if shape == "Start" else (end - 1, end)
            shape, value = "Text", "~"
        if shape == "Text" and (len(value) if ascii_only else len(value.encode())) == end - start:
            if pieces and start != last:
                out.append(("text", "".join(pieces), first, last))
                pieces.clear()
            if not pieces:
                first = start
            pieces.append(value)
            last = end
            continue
        if pieces:
            out.append(("text", "".join(pieces), first, last))
            pieces.clear()
        if shape == "Start" or shape == "End":
            tag, attributes = (value, None) if value.__class__ is str else next(iter(value.items()))
            out.append((_NAMES[tag] if shape == "Start" else _CLOSERS[tag], attributes, start, end))
        else:
            out.append((_LEAVES[shape], value, start, end))
    if pieces:
        out.append(("text", "".join(pieces), first, last))
    return out


def find_literal(text: str, words: str) -> Iterator[int]:
    """Yield where some words stand in text or HTML, and not in code, math or the address of a link: bytes, in order.

    A lean loop over the parser's events: nothing else of them is kept.
    """
    data, wanted = text.encode(), words.encode()
    in_code = False
    parsed: Iterable[tuple[Any, Any]] = _OBSIDIAN.events_with_range(text)
    for event, span in parsed:
        if event.__class__ is str:
            continue
        shape, value = next(iter(event.items()))
        if shape == "Start" or shape == "End":
            in_code = shape == "Start" and value.__class__ is dict and "CodeBlock" in value
        elif shape in _WITH_WORDS and words in value and not in_code:
            start, end = span["start"], span["end"]
            position = data.find(wanted, start, end) if is_literal(value, start, end) else -1
            while position >= 0:
                yield position
                position = data.find(wanted, position + len(wanted), end)


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
