"""A page in MkDocs' own dialect (`markup: mkdocs`), by Python-Markdown with the extensions of mkdocs.yml.

What Python-Markdown makes of it is one event; the links in it are the note's, resolved as all are. Their addresses are
left to rendering: `LINK` and the byte at which a link begins stand in their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

from site_builder.diagnostics import Diagnostic
from site_builder.names import Anchor
from site_builder.note import Event, Heading, Link, LinkKind, Note, Properties, SourceFile
from site_builder.parse.custom_fences import failed_fence, make_converter
from site_builder.parse.dialects import LINK
from site_builder.parse.links import markdown_link, wikilink
from site_builder.parse.problems import FAILED_EXTENSION
from site_builder.parse.structure import find_property_links, find_tags
from site_builder.project import MarkdownSettings
from site_builder.text import Source, Span

_WIKILINK = r"!?\[\[[^\[\]\n]+\]\]"
_LEAD = re.compile(r"\s*<h1[^>]*>.*?</h1>", re.DOTALL)
_WRITTEN = "data-wikilink"
_BEFORE_LINKS, _LAST = 175, 0  # priorities among Python-Markdown's own


def parse_mkdocs(
    file: SourceFile, properties: Properties, faults: tuple[Diagnostic, ...], settings: MarkdownSettings
) -> Note:
    """Parse a page of MkDocs' dialect. An extension that fails is a diagnostic, and the page shows its source."""
    source, rest = file.source, Span(properties.end, len(file.source.data))
    links = _Links(source, properties.end)
    failures = _Failures(source, properties.end)
    headings: list[Heading] = []
    try:
        converter = make_converter(settings, failures.add, links)
        html = converter.convert(source.slice(rest))
        headings += _headings(getattr(converter, "toc_tokens", []), properties.end)
        events = _lead(html, headings, rest)
    except Exception as error:  # an extension is not ours, and may raise anything
        if error is links.own_fault:
            raise
        problem = f"Python-Markdown cannot read this page: {type(error).__name__}: {error}"
        hint = "see `markdown_extensions` in mkdocs.yml"
        faults = (*faults, Diagnostic(FAILED_EXTENSION, source, source.line_span(1), problem, hint))
        code = ("codeblock", {"Fenced": "markdown"}, *rest), ("text", source.slice(rest), *rest)
        events = (*code, ("/codeblock", None, rest.end, rest.end))
    return Note(
        id=file.id,
        source=source,
        hash=file.hash,
        properties=properties,
        events=events,
        headings=tuple(headings),
        blocks=(),
        links=(*find_property_links(properties, source), *links.found),
        tags=tuple(find_tags((), properties)),
        footnotes=(),
        diagnostics=(*faults, *failures.found),
        markup="mkdocs",
    )


def _lead(html: str, headings: list[Heading], rest: Span) -> tuple[Event, ...]:
    """Return the page as one event, after the level-one heading that it opens with: that is the page's own title."""
    lead = _LEAD.match(html)
    if not lead or not headings or headings[0].level != 1:
        return (("mkdocspage", html, *rest),)
    headings[0] = replace(headings[0], event=0)
    name = headings[0].text
    heading = ("heading", {"level": "H1"}, *rest), ("text", name, *rest), ("/heading", None, *rest)
    return (*heading, ("mkdocspage", html[lead.end() :], *rest))


def _headings(tokens: list[dict[str, Any]], start: int) -> Iterator[Heading]:
    for token in tokens:
        name = unescape(re.sub(r"<[^>]+>", "", str(token["name"])))
        yield Heading(int(token["level"]), name, name, Anchor(token["id"]), -1, Span(start, start))
        yield from _headings(token["children"], start)


class _Failures:
    """The custom fences whose formatters failed, in order."""

    def __init__(self, source: Source, start: int) -> None:
        self._source, self._cursor = source, start
        self.found: list[Diagnostic] = []

    def add(self, language: str, text: str, error: Exception | None) -> None:
        """Take note of a fence; its place is that of the next fence of its language."""
        opened = re.compile(rf"(?:`{{3,}}|~{{3,}})[ \t{{.]*{re.escape(language)}\b".encode())
        found = opened.search(self._source.data, self._cursor)
        self._cursor = found.end() if found else self._cursor
        if error:
            span = Span(*found.span()) if found else self._source.line_span(1)
            self.found.append(failed_fence(self._source, span, language, error))


class _Links(Extension):
    """Knows wikilinks, and gathers all links to files of the vault."""

    def __init__(self, source: Source, start: int) -> None:
        super().__init__()
        self.source, self.start = source, start
        self.found: list[Link] = []
        self.own_fault: Exception | None = None

    def extendMarkdown(self, md: Markdown) -> None:
        md.inlinePatterns.register(_Wikilinks(_WIKILINK, md), "wikitorch-wikilinks", _BEFORE_LINKS)
        md.treeprocessors.register(_Addresses(md, self), "wikitorch-addresses", _LAST)


class _Wikilinks(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]
        return Element("img" if m[0].startswith("!") else "a", {_WRITTEN: m[0]}), m.start(), m.end()


class _Addresses(Treeprocessor):
    def __init__(self, md: Markdown, links: _Links) -> None:
        super().__init__(md)
        self.links = links

    def run(self, root: Element) -> None:
        try:
            self.links.found += _gather(root, self.links.source, self.links.start)
        except Exception as error:
            self.links.own_fault = error
            raise


def _gather(root: Element, source: Source, start: int) -> Iterator[Link]:
    """Yield the links to files of the vault, in order, and put the place of each in its address."""
    cursor, spare = start, start
    for element in root.iter():
        name = {"a": "href", "img": "src"}.get(str(element.tag))
        if name is None:
            continue
        written = element.attrib.pop(_WRITTEN, None)
        address = element.get(name, "")
        if address.startswith("#"):
            continue
        wanted = (written or f"]({address}").encode()
        at = source.data.find(wanted, cursor) if written or address else -1
        if at >= 0:
            cursor = at + len(wanted)
            span = Span(at, cursor) if written else Span(_opening(source.data, at), cursor + 1)
        else:  # it came from a reference, a snippet or raw HTML
            span, spare = Span(spare, spare), spare + 1
        link = wikilink(written, span) if written else markdown_link(address, "", span, embed=name == "src")
        if link is None:
            continue
        if not written:
            link = replace(link, kind=LinkKind.MKDOCS)
        element.set(name, f"{LINK}{span.start}")
        if written:
            _show(element, link)
        yield link


def _opening(data: bytes, at: int) -> int:
    """Return where the words of a Markdown link begin, on its own line."""
    return max(data.rfind(b"[", 0, at), data.rfind(b"\n", 0, at) + 1)


def _show(element: Element, link: Link) -> None:
    words = link.display or " > ".join(part for part in (link.path, *link.subpath.split("#")) if part)
    if element.tag == "img":
        element.set("alt", words)
    else:
        element.text = words
