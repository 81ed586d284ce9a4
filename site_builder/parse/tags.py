"""`#tag` and bare addresses: words of a text that are more than text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_builder.note import Event, Tag
from site_builder.parse.markdown import is_literal, split_text
from site_builder.text import Span

_WORD = re.compile(
    r"(?<!\S)(?P<tag>#[\w/\-\u00a1-\u1fff\u2070-\u2fff\u3040-\U0010ffff]+)|(?P<url>\bhttps?://[^\s<>\"]+)"
)
_CLOSED = frozenset(("link", "codeblock"))
_ENDS = frozenset(("/link", "/codeblock"))
_PUNCTUATION = frozenset("'.,;:!?*_~")
_PAIRS = {")": "(", "]": "[", "}": "{"}


def read_tags(events: list[Event], data: bytes) -> list[Event]:
    """Cut tags and bare addresses out of the text as `tag` events and links."""
    if b"#" not in data and b"://" not in data:
        return events
    out: list[Event] = []
    closed = 0
    for event in events:
        kind, value, start, end = event
        closed += (kind in _CLOSED) - (kind in _ENDS)
        if kind == "text" and not closed and ("#" in value or "://" in value) and is_literal(value, start, end):
            out += _cut(event, data)
        else:
            out.append(event)
    return out


def _cut(event: Event, data: bytes) -> Iterator[Event]:
    _, text, start, _ = event
    words = [word for word in map(_word, _WORD.finditer(text)) if word and not _follows_word(word, start, data)]
    for kind, piece, first, last in split_text(event, words):
        if kind == "text":
            yield "text", piece, first, last
        elif piece.startswith("#"):
            yield "tag", Tag(_name(piece), Span(first, last)), first, last
        else:
            yield from (("link", (piece, ""), first, last), ("text", piece, first, last), ("/link", None, first, last))


def _word(found: re.Match[str]) -> tuple[int, int] | None:
    """Return where a tag or an address begins and ends; nothing for a number and for `#/`."""
    if found["tag"]:
        name = _name(found["tag"])
        return found.span("tag") if name and not name.replace("/", "").isdigit() else None
    length = _address_length(found["url"])
    return None if found["url"][:length].endswith("://") else (found.start(), found.start() + length)


def _name(tag: str) -> str:
    return "/".join(filter(None, tag.removeprefix("#").split("/")))


def _follows_word(word: tuple[int, int], start: int, data: bytes) -> bool:
    """Whether what stands before an event that begins with a tag is no white space: `*a*#b`."""
    before = data[start - 1 : start] if word[0] == 0 and data[start : start + 1] == b"#" else b""
    return bool(before) and not before.isspace()


def _address_length(address: str) -> int:
    """Return where an address ends: what follows belongs to the sentence, punctuation and brackets opened before it."""
    surplus = {closing: address.count(closing) - address.count(opening) for closing, opening in _PAIRS.items()}
    end = len(address)
    while address[end - 1] in _PUNCTUATION or surplus.get(address[end - 1], 0) > 0:
        end -= 1
        if address[end] in surplus:
            surplus[address[end]] -= 1
    return end
