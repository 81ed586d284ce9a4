"""From the text of one note to a `Note`. Knows nothing of other notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from site_builder.diagnostics import Diagnostic
from site_builder.note import Block, Event, Note, Properties, SourceFile
from site_builder.parse.blocks import read_blocks
from site_builder.parse.bracket_citations import find_bracket_citations, read_bracket_citations
from site_builder.parse.callouts import read_callouts
from site_builder.parse.canvas import parse_canvas
from site_builder.parse.citations import read_citations
from site_builder.parse.comments import FILLER, blank_comments, drop_fillers
from site_builder.parse.dialects import Dialects, find_unknown_markup
from site_builder.parse.footnotes import read_footnotes, read_inline_footnotes
from site_builder.parse.formulas import mask_formulas, unmask_events, unmask_text
from site_builder.parse.highlights import read_highlights
from site_builder.parse.links import read_links
from site_builder.parse.markdown import read_commonmark, read_events
from site_builder.parse.properties import read_properties
from site_builder.parse.structure import (
    find_faults,
    find_footnotes,
    find_headings,
    find_links,
    find_property_links,
    find_tags,
)
from site_builder.parse.tags import read_tags
from site_builder.parse.tasks import read_tasks
from site_builder.text import Source

_PASSES = (
    read_links,
    read_footnotes,
    read_inline_footnotes,
    read_tasks,
    read_callouts,
    read_citations,
    read_highlights,
    read_tags,
)

_OBSIDIAN = Dialects()


def parse_note(file: SourceFile, dialects: Dialects = _OBSIDIAN) -> Note:
    """Parse one note, or another file that is a page. Faults become diagnostics; no text makes it raise."""
    match file.id.lower().rpartition(".")[2]:
        case "canvas":
            return parse_canvas(file, _parse_text)
        case "base":
            return _parse_base(file)
        case _:
            return _parse_text(file, dialects)


def _parse_base(file: SourceFile) -> Note:
    """Show a file of Obsidian's Bases as the code that it is."""
    size = len(file.source.data)
    text = ("text", file.source.text, 0, size)
    events = (("codeblock", {"Fenced": "base"}, 0, size), text, ("/codeblock", None, size, size))
    return Note(file.id, file.source, file.hash, Properties({}, {}, 0), events, (), (), (), (), (), ())


def _parse_text(file: SourceFile, dialects: Dialects = _OBSIDIAN) -> Note:
    source = file.source
    properties, problems = read_properties(source)
    faults = (*problems, *find_unknown_markup(properties, source))
    markup = dialects.of(file.id, properties)
    if markup == "mkdocs":
        from site_builder.parse.mkdocs_markup import parse_mkdocs  # Python-Markdown is slow to load

        return parse_mkdocs(file, properties, faults, dialects.markdown)
    plain = markup == "commonmark"
    data, events, blocks = _read_commonmark(source, properties.end) if plain else _read_obsidian(source, properties)
    return Note(
        id=file.id,
        source=source,
        hash=file.hash,
        properties=properties,
        events=tuple(events),
        headings=tuple(find_headings(events, data)),
        blocks=blocks,
        links=(*find_property_links(properties, source), *find_links(events)),
        tags=tuple(find_tags(events, properties)),
        footnotes=tuple(find_footnotes(events, data)),
        diagnostics=(*faults, *(() if plain else _faults(events, source, properties))),
        markup=markup,
    )


def _faults(events: Sequence[Event], source: Source, properties: Properties) -> Iterator[Diagnostic]:
    yield from find_faults(events, source)
    yield from find_bracket_citations(events, source, properties.flag("bracket_citations"))


_Read: TypeAlias = tuple[bytes, list[Event], tuple[Block, ...]]
"""A body's bytes with comments blanked, its events, and its blocks with an id."""


def _read_obsidian(source: Source, properties: Properties) -> _Read:
    start = properties.end
    text = source.data[start:].decode()
    masked = mask_formulas(text)
    body = blank_comments(masked)
    events = read_events(body, start)
    if masked != text:
        body = unmask_text(body)
        events = unmask_events(events, source.data[:start] + body.encode())
    data = source.data[:start] + body.encode()
    for read in _PASSES:
        events = read(events, data)
    if properties.flag("bracket_citations"):
        events = read_bracket_citations(events, data)
    events, blocks = read_blocks(drop_fillers(events) if FILLER in body else events, data)
    return data, events, blocks


def _read_commonmark(source: Source, start: int) -> _Read:
    events = read_commonmark(source.data[start:].decode(), start)
    return source.data, read_links(events, source.data), ()
