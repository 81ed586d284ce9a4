"""Laws of the concept graph, whatever the vault."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.graph import ConceptGraph, EdgeType
from site_builder.link import link_vault
from site_builder.names import NoteId
from tests.properties.strategies import compile_files, parse, vaults

_NAMES = ("Alpha", "Bravo", "Delta", "Gamma")
_OTHER_NAMES = ("Sigma", "Kappa", "Theta", "Omega")  # as long, so that every link stands where it stood
_OF_LINKS = (EdgeType.LINKS, EdgeType.EMBEDS, EdgeType.REQUIRES)

_links = st.sampled_from(_NAMES).flatmap(
    lambda name: st.sampled_from(
        [
            f"[[{name}]]",
            f"[[{name}#Head]]",
            f"[[{name}|words]]",
            f"![[{name}]]",
            f"[words]({name}.md)",
            f"in [[x/{name}]]",
        ]
    )
)
_texts = st.tuples(
    st.lists(st.sampled_from(_NAMES), max_size=2), st.lists(_links | st.just("Words. "), max_size=6)
).map(
    lambda parts: "".join(
        [
            "---\nrequires:\n",
            *(f'  - "[[{name}]]"\n' for name in parts[0]),
            "---\n## Head\n\n",
            " ".join(parts[1]),
            "\n",
        ]
    )
)
_linked = st.dictionaries(st.sampled_from(_NAMES), _texts, min_size=1)


@given(vaults)
@settings(max_examples=80, deadline=None)
def test_edges_of_links_are_the_resolved_links(files: Mapping[str, str]) -> None:
    """Each link that is written is one edge, where it is written, to what it means; there are no others."""
    vault = link_vault([parse(text, name) for name, text in files.items()], [], aliases=True)
    written = Counter(
        (
            f"note:{note}",
            str(each.found.file) if each.found else "",
            vault.notes[note].source.position(each.link.span.start),
        )
        for note, links in vault.links.items()
        for each in links
    )
    graph = compile_files(files).graph
    edges = Counter(
        (edge.source, edge.target[len("note:") :] if edge.target.startswith("note:") else "", (edge.line, edge.column))
        for edge in graph.edges
        if edge.type in _OF_LINKS
    )
    assert edges == written
    assert {node.path for node in graph.nodes.values() if node.id.startswith("note:")} == {
        NoteId(name) for name in files
    }  # type: ignore[arg-type]


@given(_linked, st.permutations(_OTHER_NAMES))
@settings(max_examples=60, deadline=None)
def test_renaming_notes_with_their_links_only_renames(files: Mapping[str, str], names: list[str]) -> None:
    """The graph of a vault whose notes have other names is the same graph, but for the names."""
    new = dict(zip(_NAMES, names, strict=True))

    def renamed(text: str) -> str:
        return re.sub("|".join(_NAMES), lambda found: new[found[0]], text)

    first = compile_files({f"{name}.md": text for name, text in files.items()}).graph
    second = compile_files({f"{renamed(name)}.md": renamed(text) for name, text in files.items()}).graph
    assert _facts(second) == {renamed(fact) for fact in _facts(first)}


def _facts(graph: ConceptGraph) -> set[str]:
    return {repr(node) for node in graph.nodes.values()} | {repr(edge) for edge in graph.edges}
