"""The notes next to a note: networkx's distances are the oracle."""

from __future__ import annotations

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.analysis.neighbors import Neighbors
from site_builder.graph import ConceptGraph, Edge, EdgeType, Node, NodeType

_NAMES = "ABCDEFGH"
_pairs = st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(_NAMES)), max_size=16)


def _graph(pairs: list[tuple[str, str]]) -> ConceptGraph:
    nodes = {name: Node(name, NodeType.NOTE, name) for name in _NAMES}
    return ConceptGraph(
        nodes, tuple(Edge(a, b, EdgeType.LINKS, f"{a}.md", n + 1, 1, "") for n, (a, b) in enumerate(pairs))
    )


@given(_pairs, st.sampled_from(_NAMES), st.integers(0, 9))
@settings(max_examples=300, deadline=None)
def test_the_nearest_are_one_link_away(pairs: list[tuple[str, str]], node: str, enough: int) -> None:
    """None is left out of so small a graph; what lies around is one or two links away."""
    oracle = networkx.Graph(pairs)
    oracle.add_nodes_from(_NAMES)
    away = networkx.single_source_shortest_path_length(oracle, node, cutoff=2)
    neighbors = Neighbors(_graph(pairs))
    assert set(neighbors.nearest(node)) == {other for other, distance in away.items() if distance == 1}
    assert neighbors.around(node, enough) == min(enough, len(away) - 1)


def test_a_ring_holds_a_dozen_at_most_and_says_how_many_it_leaves_out() -> None:
    """Those that are linked most come first."""
    names = [f"n{index:02}" for index in range(30)]
    nodes = {name: Node(name, NodeType.NOTE, name) for name in ("hub", *names)}
    written = [("hub", name) for name in names] + [("hub", names[29])] + [(names[0], name) for name in names[1:]]
    edges = tuple(Edge(a, b, EdgeType.LINKS, "", n, 1, "") for n, (a, b) in enumerate(written))
    neighbors = Neighbors(ConceptGraph(nodes, edges))
    ring = neighbors.nearest("hub")
    assert ring[0] == names[29]
    assert len(ring) == 12
    assert neighbors.left_out("hub") == 18
    assert neighbors.left_out(names[5]) == 0


@given(st.permutations([("A", "B"), ("A", "C"), ("B", "D"), ("C", "D"), ("D", "E"), ("C", "A")]))
def test_the_nearest_do_not_depend_on_the_order_of_files(pairs: list[tuple[str, str]]) -> None:
    assert Neighbors(_graph(pairs)).nearest("A") == ("C", "B")
