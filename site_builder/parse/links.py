"""Links, embeds and images: what the parser found, as `Link` values. Knows nothing of where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from site_builder.note import Event, Link, LinkKind
from site_builder.parse.comments import FILLER
from site_builder.parse.markdown import flatten, split_text
from site_builder.text import Span

_SCHEME = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")
_NO_LINK = re.compile(rb"!?\[\[[ \t]*(?:\|.*)?\]\]|.*\n.*", re.DOTALL)
_LINKED_EMBED = re.compile(rb"(!\[\[[^\[\]\n]+\.(?!md[\]#|])\w{2,5}(?:[#|][^\[\]\n]*)?\]\])\]\(")
_OF_INTEREST = frozenset(("link", "image", "table", "/table"))
_QUOTE_MARKS = re.compile(r"\n[ \t>]*")


def read_links(events: list[Event], data: bytes) -> list[Event]:
    """Give link events their `Link`, and make each embed or image one event.

    `link` holds a `Link`, or the address of another site; `embed` a `Link`; `image` is `(address, alt, title)`.
    """
    out: list[Event] = []
    table = 0
    following = iter(events)
    for event in following:
        kind, value, start, end = event
        if kind not in _OF_INTEREST:
            out.append(event)
        elif kind in ("table", "/table"):
            table += 1 if kind == "table" else -1
            out.append(event)
        elif _is_wikilink(value) and _NO_LINK.fullmatch(data, start, end):
            _until_end(following, kind)
            out += _as_text(data[start:end].decode(), start)
        elif kind == "link":
            out.append(("link", _target(value, Span(start, end), data, in_table=table > 0), start, end))
        elif _is_linked_embed(event, data, out):
            _until_end(following, "image")
            out += _linked_embed(event, data, out, in_table=table > 0)
        else:
            inside = _until_end(following, "image")
            out.append(_image(value, inside, Span(start, end), data, in_table=table > 0))
    return out


def _is_linked_embed(event: Event, data: bytes, before: list[Event]) -> bool:
    """Whether `[![[figure.png]]](address)` was read as the text `[` and an image of the address."""
    kind, _, start, end = event
    opened = bool(before) and before[-1][0] == "text" and before[-1][1].endswith("[") and before[-1][3] == start
    return kind == "image" and opened and bool(_LINKED_EMBED.match(data, start, end))


def _linked_embed(event: Event, data: bytes, before: list[Event], *, in_table: bool) -> Iterator[Event]:
    """Yield the link, and the embed in it; the bracket is taken off the text before them."""
    _, value, start, end = event
    _, text, first, _ = before.pop()
    if text[:-1]:
        before.append(("text", text[:-1], first, start - 1))
    found = _LINKED_EMBED.match(data, start, end)
    assert found
    span = Span(start - 1, end)
    target = markdown_link(value["dest_url"], value["title"], span) or (value["dest_url"], value["title"])
    inner = Span(start, found.end(1))
    yield "link", target, *span
    yield "embed", wikilink(_written(data, inner), inner, in_table=in_table), *inner
    yield "/link", None, *span


def _is_wikilink(value: Any) -> bool:
    return isinstance(value["link_type"], dict)


def _as_text(source: str, start: int) -> Iterator[Event]:
    """Yield brackets that name nothing, or run over a line's end, as the text they are."""
    text = ("text", source, start, start + len(source.encode()))
    for kind, piece, first, last in split_text(text, (found.span() for found in _QUOTE_MARKS.finditer(source))):
        yield ("softbreak", None, first, last) if kind == "cut" else ("text", piece, first, last)


def _until_end(events: Iterator[Event], name: str) -> list[Event]:
    inside, depth = [], 1
    for event in events:
        depth += (event[0] == name) - (event[0] == f"/{name}")
        if not depth:
            break
        inside.append(event)
    return inside


def _target(value: Any, span: Span, data: bytes, *, in_table: bool) -> Link | tuple[str, str]:
    if _is_wikilink(value):
        return wikilink(_written(data, span), span, in_table=in_table)
    if value["link_type"] == "Email":
        return f"mailto:{value['dest_url']}", ""
    return markdown_link(value["dest_url"], value["title"], span) or (value["dest_url"], value["title"])


def _written(data: bytes, span: Span) -> str:
    """Return a link as its author wrote it, but for comments in it."""
    return data[span.start : span.end].decode().replace(FILLER, "")


def wikilink(source: str, span: Span, *, in_table: bool = False, kind: LinkKind = LinkKind.WIKILINK) -> Link:
    """Take a wikilink or embed apart: the first `|` splits off the display, the first `#` the subpath."""
    embed = source.startswith("!")
    inner = source[3 if embed else 2 : -2]
    if in_table:
        inner = inner.replace("\\|", "|")
    target, _, display = inner.partition("|")
    path, _, subpath = target.partition("#")
    return Link(kind, path.strip(), subpath.strip(), display.strip() or None, embed, span)


def markdown_link(
    address: str, title: str, span: Span, *, embed: bool = False, display: str | None = None
) -> Link | None:
    """Return a Markdown link to a file of the vault; None for an address of another kind."""
    if not address or _SCHEME.match(address) or address == "#":
        return None
    path, _, subpath = unquote(address).partition("#")
    return Link(LinkKind.MARKDOWN, path, subpath, display, embed, span, address=address, title=title)


def _image(value: Any, inside: list[Event], span: Span, data: bytes, *, in_table: bool) -> Event:
    if _is_wikilink(value):
        link = wikilink(_written(data, span), span, in_table=in_table)
        return "embed", link, span.start, span.end
    alt = flatten(inside)
    local = markdown_link(value["dest_url"], value["title"], span, embed=True, display=alt)
    if local is None:
        return "image", (value["dest_url"], alt, value["title"]), span.start, span.end
    return "embed", local, span.start, span.end
