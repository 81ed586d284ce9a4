"""Addresses: what holds whatever notes are called and whatever addresses they ask for."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.addresses import assign_addresses, redirects
from site_builder.note import Note
from tests.properties.strategies import names, parse

_FILES = ("i.png", "d/index.html", "alpha")
_asked = st.one_of(
    st.sampled_from(["a", "/a/b.html", "graph", "tags/x", "references", "../a", "a//b", "/", "Äß c", "alpha", "",
                     "i.png", "i.png/a", "graph.json", "assets/a.css", "d/index.html", "d"]),
    st.text(max_size=12),
)  # fmt: skip
_notes = st.dictionaries(
    names, st.tuples(_asked, st.lists(_asked, max_size=3), st.lists(_asked, max_size=2)), max_size=6
)


def _note(name: str, permalink: str, aliases: list[str], old: list[str]) -> Note:
    properties = {"permalink": permalink, "aliases": aliases, "redirect_from": old, "tags": ["x"]}
    return parse(f"---\n{json.dumps(properties)}\n---\n", name)


@given(_notes)
@settings(max_examples=300, deadline=None)
def test_every_address_is_inside_the_site_and_leads_to_one_page(
    asked: dict[str, tuple[str, list[str], list[str]]],
) -> None:
    """Pages have an address of their own, and what leads on to one is no page's address."""
    notes = {note.id: note for note in (_note(name, *each) for name, each in asked.items())}
    addresses = assign_addresses(notes, (), _FILES)
    pages = [*addresses.notes.values(), *addresses.tags.values(), "graph/", "references/", "tags/"]
    assert len(set(pages)) == len(pages)
    leading = redirects(notes, addresses.notes, {*pages, *_FILES})
    assert not set(leading) & set(pages)
    written = {*_FILES, "graph.json", *(f"{page}index.html" for page in (*pages, *leading))}
    assert not {folder for path in written for folder in map(str, PurePosixPath(path).parents)} & written
    assert len(written) == len(_FILES) + 1 + len(pages) + len(leading)
    for address in filter(None, (*addresses.notes.values(), *leading)):
        assert address.endswith("/")
        assert not {"", ".", ".."} & set(address.rstrip("/").split("/"))
        assert not {"\\", "\n", "#", "?"} & set(address)
