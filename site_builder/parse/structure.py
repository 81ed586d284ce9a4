"""What a note's events hold: headings, links, tags, footnotes. Only looks; changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from site_builder.diagnostics import Diagnostic
from site_builder.names import SECTION_ANCHORS, slug, unique_anchor
from site_builder.note import Event, FootnoteDefinition, Heading, Link, LinkKind, Properties, Tag
from site_builder.parse.comments import FILLER
from site_builder.parse.links import wikilink
from site_builder.parse.markdown import byte_offset, flatten, is_literal, split_text
from site_builder.parse.problems import EMPTY_LINK, UNDEFINED_FOOTNOTE, UNUSED_FOOTNOTE
from site_builder.text import Source, Span

_FAULT = re.compile(r"\[\^[^\]\s\[]+\](?!:)|!?\[\[[ \t]*(?:\|[^\[\]\n]*)?\]\]")
_MAYBE_FAULTY = re.compile(rb"\[\^|\[\[[ \t]*[|\]]|\]\([ \t]*(?:<>)?[ \t]*\)")
_WIKILINK = re.compile(r"!?\[\[[^\[\]\n]+\]\]")
_HEADING_MARKS = re.compile(rb"^[ \t]*#{1,6}[ \t]+|[ \t]+#+[ \t]*$|\r?\n[ \t]*(?:=+|-+)[ \t]*$")


def find_headings(events: Sequence[Event], data: bytes) -> Iterator[Heading]:
    """Yield the headings in order, each with an anchor of its own."""
    used = dict.fromkeys(SECTION_ANCHORS, 1)
    for index, (kind, value, start, end) in enumerate(events):
        if kind == "heading":
            text, source = _words(events, index, data)
            yield Heading(
                int(value["level"][1]), text, source, unique_anchor(slug(text), used), index, Span(start, end)
            )


def _words(events: Sequence[Event], index: int, data: bytes) -> tuple[str, str]:
    """Return a heading's text, and its source without the marks around it."""
    kind, value, first, last = events[index + 1]
    if kind == "text" and events[index + 2][0] == "/heading" and is_literal(value, first, last):
        return value.strip(), value.strip()  # as most are
    _, _, start, end = events[index]
    source = _HEADING_MARKS.sub(b"", data[start:end].strip()).decode().replace(FILLER, "").strip()
    return flatten(events[index + 1 : _end(events, index)]).strip(), source


def _end(events: Sequence[Event], index: int) -> int:
    return next(i for i in range(index + 1, len(events)) if events[i][0] == "/heading")


def find_links(events: Sequence[Event]) -> Iterator[Link]:
    """Yield the links and embeds of a note's body."""
    return (event[1] for event in events if event[0] in ("link", "embed") and isinstance(event[1], Link))


def find_property_links(properties: Properties, source: Source) -> Iterator[Link]:
    """Yield the wikilinks in a note's properties."""
    for name, span in properties.spans.items():
        text = source.slice(span)
        for found in _WIKILINK.finditer(text):
            start = span.start + byte_offset(text, found.start())
            link = wikilink(found[0], Span(start, start + len(found[0].encode())), kind=LinkKind.PROPERTY)
            yield Link(link.kind, link.path, link.subpath, link.display, False, link.span, name)


def find_tags(events: Sequence[Event], properties: Properties) -> Iterator[Tag]:
    """Yield the tags of properties and body, each once, compared without case."""
    seen: set[str] = set()
    listed = (
        Tag("/".join(filter(None, word.lstrip("#").split("/"))), properties.span(key))
        for key in ("tags", "tag")
        for text in properties.texts(key)
        for word in re.split(r"[,\s]+", text)
    )
    for tag in (*listed, *(value for kind, value, _, _ in events if kind == "tag")):
        if tag.name and not tag.name.replace("/", "").isdigit() and tag.name.lower() not in seen:
            seen.add(tag.name.lower())
            yield tag


def find_footnotes(events: Sequence[Event], data: bytes) -> Iterator[FootnoteDefinition]:
    """Yield the footnotes that the note defines."""
    if b"[^" not in data and b"^[" not in data:
        return
    opened: list[tuple[str, int]] = []
    for index, (kind, value, start, end) in enumerate(events):
        if kind == "footnotedef":
            opened.append((value, index + 1))
        elif kind == "/footnotedef":
            yield FootnoteDefinition(*opened.pop(), index, Span(start, end))


def find_faults(events: Sequence[Event], source: Source) -> Iterator[Diagnostic]:
    """Yield what is wrong with the note by itself."""
    if not _MAYBE_FAULTY.search(source.data):
        return
    used, defined = set(), {}
    code = 0
    for kind, value, start, end in events:
        code += (kind == "codeblock") - (kind == "/codeblock")
        if kind == "footnoteref":
            used.add(value)
        elif kind == "footnotedef" and value in defined:
            mark = Span(start, start + len(value.encode()) + 3)
            message = f"footnote `{value}` is defined already"
            yield Diagnostic(UNUSED_FOOTNOTE, source, mark, message, "give it a label of its own, or delete it")
        elif kind == "footnotedef":
            defined[value] = Span(start, end)
        elif kind in ("link", "image") and isinstance(value, tuple) and not value[0]:
            hint = "write an address between the parentheses"
            yield Diagnostic(
                EMPTY_LINK, source, Span(start, end), f"`{source.slice(Span(start, end))}` has no address", hint
            )
        elif kind == "text" and not code and "[" in value and is_literal(value, start, end):
            yield from _faults_of_text(value, start, source)
    for label, span in defined.items():
        if label not in used:
            mark = Span(span.start, span.start + len(label.encode()) + 3)
            yield Diagnostic(
                UNUSED_FOOTNOTE, source, mark, f"nothing refers to footnote `{label}`", "delete it, or refer to it"
            )


def _faults_of_text(text: str, start: int, source: Source) -> Iterator[Diagnostic]:
    event = ("text", text, start, start)
    for kind, piece, first, end in split_text(event, (found.span() for found in _FAULT.finditer(text))):
        if first == start and source.data[start - 1 : start] == b"\\":
            continue
        if kind == "cut" and piece.startswith("[^"):
            message, hint = f"footnote `{piece[2:-1]}` is not defined", f"add a line `{piece}: …`"
            yield Diagnostic(UNDEFINED_FOOTNOTE, source, Span(first, end), message, hint)
        elif kind == "cut":
            hint = "write the note's name between the brackets"
            yield Diagnostic(EMPTY_LINK, source, Span(first, end), f"`{piece}` names no note", hint)
