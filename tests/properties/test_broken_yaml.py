"""Properties that cannot be read: what holds for any text."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from site_builder.parse.properties import read_properties
from site_builder.parse.yaml_faults import quoted
from site_builder.parse.yaml_values import load
from site_builder.text import Source

_PIECES = [
    "a", "b: ", "c:", ": ", "- ", "-", "\n", "\r\n", "\n  ", "\n\t", "\t", " ", "[", "]", "[[x]]", "[[x]], [[y]]",
    "{", "}", "{{d}}", ",", '"', "'", "#", " #c", "&a ", "*a", "!t ", "!!int ", "|", ">", "?", "? ", "@", "`", "%",
    "...", "\n...\n", "1", "true", "~", "é", "漢", "🙂", "\u00a0", "\u2028", "\x85", "\x07", "\x00", "\ufeff", "\r",
    "\\", "<<: ", "\ufdd0", "a: b\n", "a: [[x]] y\n",
]  # fmt: skip
_yaml = st.lists(st.sampled_from(_PIECES), max_size=25).map("".join)
_line = st.lists(st.sampled_from([*"ab:#-[]{},&*!|>'\"%@`\\? é"]), min_size=1, max_size=12).map("".join)


@given(_yaml)
@example("{{d}}#*a")
@settings(max_examples=800, deadline=None)
def test_whatever_is_wrong_is_told_where_it_stands(text: str) -> None:
    """Reading never raises; a fault lies within the properties, within a line, and comes with a next step."""
    source = Source("A.md", f"---\n{text}\n---\nWords.\n")
    properties, faults = read_properties(source)
    for fault in faults:
        assert 4 <= fault.span.start <= fault.span.end <= max(properties.end, 4)
        assert fault.hint
        assert "no YAML" not in fault.message or "\n" not in source.slice(fault.span)
    for name, span in properties.spans.items():
        assert not re.fullmatch(r"\w+", name) or name in source.slice(span)


@given(_line)
@example('it\'s \\ "it"')
@settings(max_examples=400, deadline=None)
def test_a_quoted_text_is_that_text(text: str) -> None:
    """What a hint tells an author to write says what the author wrote."""
    meant = text[1:-1] if re.fullmatch(r"(['\"]).*\1", text) and len(text) > 1 else text
    assert load(f"a: {quoted(text)}\n").values == {"a": meant}
