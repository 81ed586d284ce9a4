"""Properties: what a literate case cannot show, line ends and characters that nobody sees."""

from __future__ import annotations

import pytest

from site_builder.parse.properties import read_properties
from site_builder.text import Source


def test_a_fault_has_its_line_and_column_where_lines_end_in_crlf() -> None:
    """Each line end is two characters, and each of the letters before it two or more bytes."""
    source = Source("A.md", "---\r\nname: 漢é🙂\r\ntitle: a: b\r\n---\r\nWords.\r\n")
    _, (fault,) = read_properties(source)
    assert source.position(fault.span.start) == (3, 8)
    assert source.slice(fault.span) == "a: b"


def test_properties_may_end_in_spaces_and_crlf() -> None:
    source = Source("A.md", "--- \r\ntitle: A\r\nlist:\r\n  - b\r\n---\t\r\nWords.\r\n")
    properties, faults = read_properties(source)
    assert (properties.values, faults) == ({"title": "A", "list": ["b"]}, ())
    assert source.data[properties.end :] == b"Words.\r\n"


@pytest.mark.parametrize(
    "unseen", ["\x00", "\x08", "\x0b", "\x0c", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "\uffff"]
)
def test_a_character_that_nobody_sees_breaks_nothing(unseen: str) -> None:
    """Pasted text holds them; libyaml refuses some, and ends lines at others."""
    source = Source("A.md", f"---\ntitle: a{unseen}b\nnext: c\n---\n")
    properties, faults = read_properties(source)
    assert (properties.values, faults) == ({"title": "a b", "next": "c"}, ())
    assert source.slice(properties.span("next")) == "next: c"
