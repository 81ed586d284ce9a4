"""Parsing: what holds for any text."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from site_builder.note import CONTAINERS, LinkKind
from site_builder.text import Span
from tests.properties.strategies import parse, texts


@given(texts)
@settings(max_examples=400, deadline=None)
def test_no_text_makes_the_parser_raise(text: str) -> None:
    """Any text is a note, and every place that the note names lies within the text."""
    note = parse(text)
    end = len(text.encode())
    places = [*note.links, *note.headings, *note.blocks, *note.footnotes, *note.tags, *note.diagnostics]
    assert all(0 <= place.span.start <= place.span.end <= end for place in places)
    assert all(0 <= start <= stop <= end for _, _, start, stop in note.events)


@given(texts)
@settings(max_examples=400, deadline=None)
def test_a_link_s_place_is_the_link_as_written(text: str) -> None:
    """The span of every wikilink holds its brackets, and that of every tag in the text begins at its hash."""
    note = parse(text)
    wikilinks = [note.source.slice(link.span) for link in note.links if link.kind is not LinkKind.MARKDOWN]
    assert all(link.removeprefix("!").startswith("[[") and link.endswith("]]") for link in wikilinks)
    in_text = [value for kind, value, _, _ in note.events if kind == "tag"]
    assert all(note.source.slice(tag.span).startswith("#") for tag in in_text)


@given(texts)
@example("> $$\n> - a\n> $$ US$5 C$10")
@settings(max_examples=400, deadline=None)
def test_a_text_is_what_stands_at_its_place(text: str) -> None:
    """A text as long as its place is the source there; the places of tags and footnotes begin with their marks."""
    note = parse(text)
    for kind, value, start, end in note.events:
        if kind == "text" and len(value.encode()) == end - start:
            assert value == note.source.slice(Span(start, end))
        elif kind == "tag":
            assert value.span == (start, end)
            assert note.source.slice(value.span).strip("#/").replace("//", "/").startswith(value.name.split("/")[0])
    for each in note.footnotes:
        assert note.source.slice(each.span).lower().startswith((f"[^{each.label}]".lower(), "^["))


@given(texts)
@settings(max_examples=400, deadline=None)
def test_what_opens_closes(text: str) -> None:
    """Events nest: each end ends the element that was opened last."""
    opened: list[str] = []
    for kind, _, _, _ in parse(text).events:
        if kind in CONTAINERS:
            opened.append(kind)
        elif kind[0] == "/":
            assert opened.pop() == kind[1:]
    assert not opened


@given(texts)
@example("[^a]: a definition\n    [^b]: in another")
@settings(max_examples=400, deadline=None)
def test_blocks_and_headings_are_whole_elements(text: str) -> None:
    """The events of every block and footnote are balanced, and every heading's event is a heading."""
    note = parse(text)
    for part in (*note.blocks, *note.footnotes):
        depth = 0
        for kind, _, _, _ in note.events[part.first : part.end]:
            depth += (kind in CONTAINERS) - (kind[0] == "/")
            assert depth >= 0
        assert depth == 0
    assert all(note.events[heading.event][0] == "heading" for heading in note.headings)


@given(texts)
@settings(max_examples=200, deadline=None)
def test_anchors_are_unique(text: str) -> None:
    """No two headings or blocks of a note share an anchor."""
    note = parse(text)
    anchors = [place.anchor for place in (*note.headings, *note.blocks)]
    assert len(anchors) == len({anchor.lower() if anchor.startswith("^") else anchor for anchor in anchors})


@given(st.text(alphabet="ab\n> -[]!=*`$%", max_size=20), st.text(alphabet="xyz #[]^`$=\n>-", min_size=1, max_size=20))
@settings(max_examples=300, deadline=None)
def test_the_words_of_a_comment_are_nowhere(around: str, hidden: str) -> None:
    """Whatever stands in a comment that begins a note, no event and no link holds its secret."""
    note = parse(f"%%{hidden}SECRET{hidden}%%{around}")
    assert "SECRET" not in repr((note.events, note.links, note.tags, note.headings))
