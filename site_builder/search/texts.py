"""A note's words as plain text, by sections: what its page shows, without what is embedded. Knows no tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from site_builder.names import TOP, Anchor
from site_builder.note import Event, Note
from site_builder.render.links import is_named_by_target, shown_as

_BLOCK_ENDS = frozenset(
    ("/paragraph", "/item", "/row", "/thead", "/codeblock", "/callouttitle", "/quote", "/footnotedef",
     "/heading", "/canvascard", "rule", "hardbreak", "displaymath")
)  # fmt: skip
_WORDS = frozenset(("text", "code"))
_HIDDEN_HTML = re.compile(r"<!--.*?(?:-->|$)|<(script|style)\b.*?(?:</\1\s*>|$)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<(/?)(\w*)[^>]*>")
_BLOCKS = frozenset(("p", "li", "div", "tr", "pre", "dd", "dt", "blockquote", "table", "section", "figcaption"))
_PAGE_HEADING = re.compile(r'<h[1-6][^>]*?\sid="([^"]*)"[^>]*>(.*?)</h[1-6]>', re.DOTALL)
_PERMALINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
_WRAPPED = re.compile(r"\\(?:text|math|operatorname|bold)(?:rm|bf|it|sf|tt|cal|bb|frak|scr|symbol)?\*?\s*\{([^{}]*)\}")
_LAYOUT = re.compile(
    r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|[dt]?frac|q?quad|begin\{\w+\*?\}|end\{\w+\*?\})(?![a-z])"
    r"|\\[,;:!> ]|\\\\(?:\[[^\]]*\])?"
)
_SCRIPT = re.compile(r"([_^])\s*\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below one heading; the first of a page has neither heading nor anchor. Blocks end in line ends."""

    anchor: Anchor
    heading: str
    text: str


def sections(note: Note) -> Iterator[Section]:
    """Yield a note's sections that hold anything, in order."""
    headings = {heading.event: heading for heading in note.headings}
    lead = note.lead_heading
    anchor, title, pieces = TOP, "", list[str]()
    html: list[str] | None = None
    inside = hidden = False
    for index, (kind, value, _, _) in enumerate(note.events):
        if kind == "heading" and index in headings:
            yield from _section(anchor, title, pieces)
            heading = headings[index]
            anchor, title, pieces = (TOP, "", []) if heading == lead else (heading.anchor, heading.text, [])
            inside = True
        elif kind == "/heading":
            inside = False
        elif kind == "mkdocspage":
            yield from _section(anchor, title, pieces)
            yield from _page_sections(value)
            return
        elif kind == "htmlblock":
            html = []
        elif kind == "/htmlblock":
            pieces += ("\n", plain_html("".join(html or ())), "\n")
            html = None
        elif html is not None:
            html.append(value)  # a comment may span lines, which are events of their own
        elif kind == "codeblock" or kind == "/codeblock":
            hidden = kind == "codeblock" and _is_model(value)
            pieces.append("\n")
        elif not inside and not hidden:
            pieces += _piece(kind, value)
            hidden = kind == "link" and is_named_by_target(value)
        elif kind == "/link" and not inside:
            hidden = False
    yield from _section(anchor, title, pieces)


def _piece(kind: str, value: Any) -> tuple[str, ...]:
    """Return what an event adds to a section's text."""
    if kind in _WORDS:
        return (value,)
    if kind == "math" or kind == "displaymath":
        return (plain_formula(value), "\n" * (kind == "displaymath"))
    if kind in _BLOCK_ENDS:
        return ("\n",)
    if kind in ("softbreak", "/cell"):
        return (" ",)
    if kind == "tag":
        return (f"#{value.name}",)
    if kind == "citation":
        return (value.source,)
    if kind == "html" or kind == "inlinehtml":
        return (plain_html(value),)
    if kind == "link" and is_named_by_target(value):
        return (shown_as(value),)
    if kind == "canvascard":
        return (value.label, "\n") if value.label else ()
    if kind == "canvas":
        return tuple(f"{each.label}\n" for each in value.connections if each.label)
    return ()


def _section(anchor: Anchor, heading: str, pieces: Sequence[str]) -> Iterator[Section]:
    text = tidy("".join(pieces))
    if text or heading:
        yield Section(anchor, heading, text)


def tidy(text: str) -> str:
    """Return text with single spaces, and a line for each block that holds anything."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def plain_formula(tex: str) -> str:
    """Return a formula's TeX as one would type it: `QK^T`, `d_model`."""
    tex = _LAYOUT.sub(" ", _WRAPPED.sub(r"\1", tex)).replace(r"\top", "T")
    for _ in range(2):  # a script in a script
        tex = _SCRIPT.sub(lambda found: found[1] + found[2].strip(), tex)
    tex = re.sub(r"\s*([_^])\s*", r"\1", tex)
    return " ".join(re.sub(r"[{}&]", " ", re.sub(r"\\(?=[a-zA-Z])", " ", tex)).split())


def plain_html(html: str) -> str:
    """Return the words of HTML, blocks as lines."""
    if "<" not in html:
        return unescape(html)
    html = _HIDDEN_HTML.sub("", html)
    return unescape(_TAG.sub(lambda found: "\n" if found[2].lower() in _BLOCKS else "", html))


def _page_sections(html: str) -> Iterator[Section]:
    """Yield the sections of a page that is HTML already; only headings with an id begin one."""
    html = _PERMALINK.sub("", html)
    parts = _PAGE_HEADING.split(html)
    yield from _section(TOP, "", [plain_html(parts[0])])
    for place in range(1, len(parts), 3):
        yield from _section(
            Anchor(unescape(parts[place])), tidy(plain_html(parts[place + 1])), [plain_html(parts[place + 2])]
        )


def _is_model(value: Any) -> bool:
    return isinstance(value, dict) and str(value.get("Fenced", "")).split(" ")[0] == "model"


def events_text(events: Sequence[Event]) -> str:
    """Return the words of events without regard to headings."""
    return tidy("".join(piece for kind, value, _, _ in events for piece in _piece(kind, value)))
