"""Canvases: what holds whatever stands in the file."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.parse.located_json import ByteOffsets, LocatedString, plain, read_json
from tests.properties.strategies import Balance, compile_files, page_of, parse

_KINDS = ["text", "file", "link", "group", "x", ["y"]]
_words = st.one_of(
    st.text(max_size=30), st.sampled_from(["[[B]] and *x*", "# A\n\n- [ ] b^[c]", "> [!tip]\n> $x$", "<b>", "%%"])
)
_numbers = st.one_of(st.integers(-(10**9), 10**9), st.floats(), st.none(), st.booleans(), st.text(max_size=3))
_field = st.one_of(_words, _numbers, st.lists(_numbers, max_size=2))
_node = st.fixed_dictionaries(
    {"id": st.one_of(st.sampled_from("abc"), _field), "type": st.sampled_from(_KINDS)},
    optional={
        "text": _field, "file": st.one_of(st.just("B.md"), _field), "subpath": _field, "url": _field, "label": _field,
        "color": st.one_of(st.sampled_from(["1", "#00ff00", "red"]), _field), "x": _numbers, "y": _numbers,
        "width": _numbers, "height": _numbers,
    },
)  # fmt: skip
_edge = st.fixed_dictionaries(
    {"fromNode": st.one_of(st.sampled_from("abc"), _field), "toNode": st.one_of(st.sampled_from("abc"), _field)},
    optional={"fromSide": _field, "toSide": st.sampled_from(["top", "x", 3]), "fromEnd": _field, "label": _field},
)  # fmt: skip
_canvas = st.fixed_dictionaries(
    {}, optional={"nodes": st.one_of(st.lists(_node, max_size=4), _field), "edges": st.lists(_edge, max_size=3)}
)


@given(st.one_of(_canvas.map(json.dumps), st.text(max_size=60), _canvas.map(lambda value: json.dumps(value)[:-3])))
@settings(max_examples=300, deadline=None)
def test_any_canvas_is_a_page_that_closes_what_it_opens(text: str) -> None:
    """Whatever is in the file, its page is balanced HTML and every diagnostic has a place in it."""
    site = compile_files({"Map.canvas": text, "B.md": "## Part\n\nWords."})
    assert Balance(page_of(site, "Map.canvas").html).faults == []
    for each in site.diagnostics:
        assert 0 <= each.span.start <= each.span.end <= len(each.file.data)


@given(_canvas)
@settings(max_examples=200, deadline=None)
def test_every_link_of_a_card_stands_where_it_says(canvas: dict[str, object]) -> None:
    """The span of a wikilink in a card is its source, for words without escapes."""
    note = parse(json.dumps(canvas, ensure_ascii=False), "Map.canvas")
    for link in note.links:
        assert link.path in json.loads(f'"{note.source.slice(link.span)}"')


@given(st.text())
def test_each_byte_of_a_string_is_found_in_the_file(text: str) -> None:
    """The offsets go up, one for each byte of the value, from its first to the quotation mark that ends it."""
    for source in (json.dumps([text]), json.dumps([text], ensure_ascii=False).encode(errors="replace").decode()):
        value = read_json(source)[0]
        assert isinstance(value, LocatedString)
        offsets = ByteOffsets(source).of(value)
        assert len(offsets) == len(plain(value).encode()) + 1
        assert offsets == sorted(offsets)
        assert source.encode()[offsets[-1] :] == b'"]'
