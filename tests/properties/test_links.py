"""Links of a whole vault: what holds for any notes."""

from __future__ import annotations

import random
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.graph import note_node
from site_builder.link import link_vault
from site_builder.names import FilePath, NoteId
from site_builder.note import Attachment
from tests.properties.strategies import compile_files, names, parse, vaults

_targets = st.sampled_from(
    [
        "Alpha",
        "beta",
        "x/Alpha",
        "y/Gamma",
        "GAMMA",
        "./Alpha",
        "../Beta",
        "/x/Beta",
        "Älpha",
        "A\u0308lpha",
        "Alpha.md",
        "i.png",
        "al",
    ]
)
_links = st.lists(_targets.map(lambda target: f"[[{target}]]"), max_size=5).map(" ".join)
_notes = st.dictionaries(names, _links.map(lambda links: f"---\naliases: al\n---\n{links}"), min_size=1, max_size=8)


@given(_notes, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_resolution_does_not_depend_on_the_order_of_files(files: dict[str, str], order: random.Random) -> None:
    """Every link means the same file in whatever order the file system lists the vault."""
    notes = [parse(text, name) for name, text in files.items()]
    pictures = [Attachment(FilePath(path), 0) for path in ("i.png", "x/i.png", "y/i.png")]
    first = link_vault(notes, pictures, aliases=True).links
    order.shuffle(notes)
    order.shuffle(pictures)
    assert link_vault(notes, pictures, aliases=True).links == first


@given(_notes)
@settings(max_examples=200, deadline=None)
def test_a_link_finds_a_file_that_ends_as_it_is_written(files: dict[str, str]) -> None:
    """What is found is a file of the vault, and its path ends with the link, unless an alias led there."""
    linked = link_vault([parse(text, name) for name, text in files.items()], [], aliases=True)
    for resolved in (each for links in linked.links.values() for each in links):
        if resolved.found and not resolved.found.alias:
            written = resolved.link.path.lstrip("./").removesuffix(".md").lower().replace("a\u0308", "ä")
            assert resolved.found.file in files
            assert f"/{resolved.found.file.lower()}".endswith(f"/{written}.md")


@given(vaults)
@settings(max_examples=60, deadline=None)
def test_backlinks_are_the_links_read_backwards(files: Mapping[str, str]) -> None:
    """The graph's incoming edges are its outgoing ones, and every edge joins two of its nodes."""
    graph = compile_files(files).graph
    outgoing = {(edge, edge.target) for edges in graph.outgoing.values() for edge in edges}
    incoming = {(edge, target) for target, edges in graph.incoming.items() for edge in edges}
    assert outgoing == incoming == {(edge, edge.target) for edge in graph.edges}
    assert {node for edge in graph.edges for node in (edge.source, edge.target)} <= set(graph.nodes)
    assert {note_node(NoteId(FilePath(name))) for name in files} >= {edge.source for edge in graph.edges}
