"""Source text: bytes inside, lines and columns of characters outside."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from site_builder.text import Source, Span


def test_lines_and_columns_count_characters() -> None:
    """An umlaut and an emoji are one column each, though they are two and four bytes."""
    source = Source("a.md", "ü🙂x\nsecond")
    assert source.position(len("ü🙂".encode())) == (1, 3)
    assert source.position(len("ü🙂x\nse".encode())) == (2, 3)


@given(st.text(alphabet="aé🙂\n\r", max_size=30), st.data())
def test_a_place_is_found_where_an_editor_would_find_it(text: str, data: st.DataObject) -> None:
    """For any character of any text, line and column are those that counting the text by hand gives."""
    index = data.draw(st.integers(0, len(text)))
    before = text[:index]
    expected = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    assert Source("a.md", text).position(len(before.encode())) == expected


@given(st.text(max_size=30), st.data())
def test_a_span_of_characters_slices_to_them(text: str, data: st.DataObject) -> None:
    """A span that begins and ends between characters gives back exactly those characters."""
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    span = Span(len(text[:first].encode()), len(text[:last].encode()))
    assert Source("a.md", text).slice(span) == text[first:last]


@given(st.text(alphabet="ab\n\r", max_size=20))
def test_lines_are_those_between_line_feeds(text: str) -> None:
    """A line has no line end, neither Unix's nor Windows', and its span slices to it."""
    source = Source("a.md", text)
    for number, line in enumerate(text.split("\n"), 1):
        assert source.line(number) == line.rstrip("\r") == source.slice(source.line_span(number))
