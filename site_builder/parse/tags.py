"""`#tag` and bare addresses: words of a text that are more than text.

Addresses are GFM's extended autolinks (GitHub Flavored Markdown Spec, 6.9): `https://…`, `www.…` and `name@host`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_builder.note import Event, Tag
from site_builder.parse.markdown import is_literal, split_text
from site_builder.text import Span

_WORD = re.compile(
    r"(?<!\S)(?P<tag>#[\w/\-\u00a1-\u1fff\u2070-\u2fff\u3040-\U0010ffff]+)"
    r"|(?P<url>\b(?:https?://[^\s<>\"]+|(?<![\w/.@:-])www\.[^\s<>\"]+))"
    r"|(?<![\w.+/@-])(?P<mail>[\w.+-]{1,64}@[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})+)"
)
_SIGNS = ("#", "@", "://", "www.")
_ENTITY = re.compile(r"&[A-Za-z0-9]+;$")
_AFTER_HOST = re.compile(r"[/?#:]")
_CLOSED = frozenset(("link", "codeblock"))
_ENDS = frozenset(("/link", "/codeblock"))
_PUNCTUATION = frozenset("'.,;:!?*_~")
_LONGEST_ENTITY = 40
_PAIRS = {")": "(", "]": "[", "}": "{"}


def read_tags(events: list[Event], data: bytes) -> list[Event]:
    """Cut tags and bare addresses out of the text as `tag` events and links."""
    if not any(sign.encode() in data for sign in _SIGNS):
        return events
    out: list[Event] = []
    closed = 0
    for event in events:
        kind, value, start, end = event
        if kind != "text":
            closed += (kind in _CLOSED) - (kind in _ENDS)
            out.append(event)
        elif not closed and _has_sign(value) and is_literal(value, start, end):
            out += _cut(event, data)
        else:
            out.append(event)
    return out


def _has_sign(text: str) -> bool:
    return "#" in text or "@" in text or "://" in text or "www." in text


def _cut(event: Event, data: bytes) -> Iterator[Event]:
    _, text, start, _ = event
    words = [word for word in map(_word, _WORD.finditer(text)) if word and not _follows_word(word, start, data)]
    for kind, piece, first, last in split_text(event, words):
        if kind == "text":
            yield "text", piece, first, last
        elif piece.startswith("#"):
            yield "tag", Tag(_name(piece), Span(first, last)), first, last
        else:
            address = (_address(piece), "")
            yield from (("link", address, first, last), ("text", piece, first, last), ("/link", None, first, last))


def _word(found: re.Match[str]) -> tuple[int, int] | None:
    """Return where a tag or an address begins and ends; nothing for a number and for `#/`."""
    if found["tag"]:
        name = _name(found["tag"])
        return found.span("tag") if name and not name.replace("/", "").isdigit() else None
    if found["mail"]:
        mail = found["mail"].rstrip(".")
        return None if mail[-1] in "-_" or found["mail"][0] == "." else (found.start(), found.start() + len(mail))
    length = _address_length(found["url"])
    return (found.start(), found.start() + length) if _has_domain(found["url"][:length]) else None


def _has_domain(address: str) -> bool:
    host = _AFTER_HOST.split(address.rpartition("://")[2], maxsplit=1)[0]
    names = host.split(".")
    return bool(host) and "_" not in "".join(names[-2:]) and (len(names) > 1 or not address.startswith("www"))


def _address(text: str) -> str:
    """Return where an address that stands in a text leads."""
    if text.startswith(("http://", "https://")):
        return text
    return f"http://{text}" if text.startswith("www.") else f"mailto:{text}"


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
        entity = _ENTITY.search(address, max(0, end - _LONGEST_ENTITY), end) if address[end - 1] == ";" else None
        if entity:
            end = entity.start()
            continue
        end -= 1
        if address[end] in surplus:
            surplus[address[end]] -= 1
    return end
