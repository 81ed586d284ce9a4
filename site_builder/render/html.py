"""A note's raw HTML, made harmless: tags from an allow-list, each cleaned by nh3. Knows nothing of Markdown.

What comes out is tags as nh3 writes them and escaped text, whatever goes in. Every tag is closed with the element of
the note that it was opened in, so raw HTML cannot reach beyond the note's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape, unescape

import nh3

_DROPPED = frozenset(
    ("script", "style", "template", "noscript", "object", "embed", "applet", "svg", "math", "title", "textarea",
     "select", "xmp", "noembed", "noframes", "plaintext", "frameset")
)  # fmt: skip
"""Elements that go with all that is in them: it is no text for readers."""

_VOID = frozenset(("area", "br", "col", "hr", "img", "source", "track", "wbr"))
_TAGS = frozenset(nh3.ALLOWED_TAGS) | frozenset(
    ("audio", "big", "figcaption", "figure", "font", "main", "picture", "section", "source", "tfoot", "track", "video")
)
_ATTRIBUTES = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    "*": {"align", "class", "dir", "height", "lang", "style", "title", "valign", "width"},
    "audio": {"controls", "loop", "muted", "preload", "src"},
    "details": {"open"},
    "font": {"color", "face", "size"},
    "img": {"alt", "decoding", "loading", "sizes", "src"},
    "ol": {"reversed", "start", "type"},
    "source": {"media", "sizes", "src", "type"},
    "td": {"colspan", "headers", "rowspan"},
    "th": {"colspan", "headers", "rowspan", "scope"},
    "time": {"datetime"},
    "track": {"default", "kind", "label", "src", "srclang"},
    "video": {"controls", "loop", "muted", "playsinline", "poster", "preload", "src"},
}
_STYLES = {
    "background-color", "border", "border-bottom", "border-color", "border-left", "border-radius", "border-right",
    "border-style", "border-top", "border-width", "color", "column-count", "column-gap", "columns", "display", "flex",
    "flex-direction", "flex-wrap", "float", "font-family", "font-size", "font-style", "font-variant", "font-weight",
    "gap", "height", "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom", "margin-left",
    "margin-right", "margin-top", "max-height", "max-width", "min-height", "min-width", "opacity", "padding",
    "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align", "text-decoration", "text-indent",
    "text-transform", "vertical-align", "white-space", "width", "word-break",
}  # fmt: skip
_SCHEMES = set(nh3.ALLOWED_URL_SCHEMES) | {"obsidian", "zotero"}
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    attributes=_ATTRIBUTES,
    url_schemes=_SCHEMES,
    filter_style_properties=_STYLES,
    link_rel=None,
)
_DRAWN = ("circle", "ellipse", "g", "line", "path", "polygon", "polyline", "rect", "svg")
_OF_DRAWINGS = (
    "cx", "cy", "d", "fill", "points", "r", "rx", "ry", "stroke", "stroke-width", "transform", "viewBox", "x", "x1",
    "x2", "xmlns", "y", "y1", "y2",
)  # fmt: skip
_PAGE_CLEANER = nh3.Cleaner(
    tags={*_TAGS, "input", "label", *_DRAWN},
    attributes={
        **_ATTRIBUTES,
        "*": {*_ATTRIBUTES["*"], "id", "role", "tabindex"},
        "a": {*_ATTRIBUTES["a"], "name"},
        "input": {"checked", "disabled", "name", "type"},
        "label": {"for"},
        **{tag: set(_OF_DRAWINGS) for tag in _DRAWN},
    },
    generic_attribute_prefixes={"aria-", "data-"},
    url_schemes=_SCHEMES,
    filter_style_properties=_STYLES,
    link_rel=None,
)  # fmt: skip
_AROUND = {
    "tr": "<table><tbody>", "td": "<table><tbody><tr>", "th": "<table><tbody><tr>", "col": "<table><colgroup>",
    "caption": "<table>", "colgroup": "<table>", "tbody": "<table>", "tfoot": "<table>", "thead": "<table>",
}  # fmt: skip
"""What an element must stand in, or an HTML parser does not see it."""

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<[?!][^>]*>?|</(?P<end>[a-zA-Z][^\s/>]*)[^>]*>"
    r"|<(?P<start>[a-zA-Z][^\s/>]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL,
)
_SOURCE = re.compile(r"""\ssrc\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)""", re.IGNORECASE)
_SCRIPTS = re.compile(r"(?:javascript|vbscript|livescript|data):", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:avif|gif|jpeg|png|webp)[;,]", re.IGNORECASE)
_IGNORED_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f-\xa0]+")


def is_script(address: str, *, picture: bool = False) -> bool:
    """Whether an address would run code in the reader's browser; a picture may hold its own data."""
    seen = _IGNORED_IN_ADDRESSES.sub("", address)  # as browsers do before they look for the scheme
    return bool(_SCRIPTS.match(seen)) and not (picture and _PICTURE.match(seen))


def clean_page(html: str) -> str:
    """Return the HTML of a page in MkDocs' dialect without what runs code; what its extensions make stays."""
    return _PAGE_CLEANER.clean(html)


class RawHtml:
    """The raw HTML of one run of events, in order. `opened` and `closed` tell of the elements around it."""

    def __init__(self) -> None:
        self._frames: list[list[str]] = [[]]
        self.dropping = ""
        """The element whose content is left out, while it lasts."""

    def opened(self) -> None:
        """An element of the note begins."""
        self._frames.append([])

    def closed(self) -> str:
        """An element of the note ends; return the end tags of what was opened in it."""
        self.dropping = ""
        return _end_tags(self._frames.pop())

    def finish(self) -> str:
        """Return the end tags of all that is still open."""
        tags = "".join(_end_tags(frame) for frame in reversed(self._frames))
        return f"{tags}\n" if tags else ""

    def feed(self, html: str) -> str:
        """Return a piece of raw HTML as it may be shown."""
        return "".join(self._pieces(html))

    def _pieces(self, html: str) -> Iterator[str]:
        position = 0
        for token in _TOKEN.finditer(html):
            if not self.dropping:
                yield _text(html[position : token.start()])
            position = token.end()
            if token["start"]:
                yield self._start(token["start"].lower(), token[0])
            elif token["end"]:
                yield self._end(token["end"].lower())
        if not self.dropping:
            yield _text(html[position:])

    def _start(self, name: str, tag: str) -> str:
        if self.dropping:
            return ""
        if name in _DROPPED:
            self.dropping = "" if tag.endswith("/>") else name
            return ""
        if name == "iframe":
            return _frame_link(tag)
        clean = _clean(name, tag)
        if clean and name not in _VOID:
            self._frames[-1].append(name)
        return clean

    def _end(self, name: str) -> str:
        if self.dropping:
            self.dropping = "" if name == self.dropping else self.dropping
            return ""
        opened = self._frames[-1]
        if name not in opened:
            return ""
        at = len(opened) - 1 - opened[::-1].index(name)
        ended = opened[at:]
        del opened[at:]
        return _end_tags(ended)


def _end_tags(names: list[str]) -> str:
    return "".join(f"</{name}>" for name in reversed(names))


def _text(html: str) -> str:
    """Text between tags keeps its entities; what looks like the beginning of a tag is text."""
    return html.replace("<", "&lt;").replace(">", "&gt;")


@lru_cache(maxsize=4096)
def _clean(name: str, tag: str) -> str:
    """Return a start tag as nh3 writes it; empty when it is not allowed."""
    if name not in _TAGS:
        return ""
    html = _CLEANER.clean(_AROUND.get(name, "") + tag)
    found = re.search(rf"<{name}(?:\s[^<>]*)?>", html)
    return found[0] if found else ""


def _frame_link(tag: str) -> str:
    """A page in the page would be fetched from another host while one reads: a link to it stands in its place."""
    found = _SOURCE.search(tag)
    address = unescape(found[1].strip("\"'")) if found else ""
    if not address or is_script(address):
        return ""
    return f'<a class="frame" href="{escape(address)}">{escape(address)}</a>'
