"""The rings of notes around a note: networkx's distances are the oracle."""

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


@given(_pairs, st.sampled_from(_NAMES))
@settings(max_examples=300, deadline=None)
def test_rings_are_distances(pairs: list[tuple[str, str]], node: str) -> None:
    """Each ring holds the nodes that networkx finds as many links away, none is left out of so small a graph."""
    oracle = networkx.Graph(pairs)
    oracle.add_nodes_from(_NAMES)
    away = networkx.single_source_shortest_path_length(oracle, node, cutoff=3)
    neighbors = Neighbors(_graph(pairs))
    rings = neighbors.rings(node)
    assert {other: step for step, ring in enumerate(rings, 1) for other in ring} == {
        other: distance for other, distance in away.items() if distance
    }
    joined = neighbors.pairs(((node,), *rings))
    for first, last in joined:
        assert oracle.has_edge(first, last)
        assert away[last] == away[first] + 1
    assert {last for _, last in joined} == {other for ring in rings for other in ring}


def test_a_ring_holds_a_dozen_at_most_and_says_how_many_it_leaves_out() -> None:
    """Those that are linked most come first, and what is left out is not drawn farther away instead."""
    names = [f"n{index:02}" for index in range(30)]
    nodes = {name: Node(name, NodeType.NOTE, name) for name in ("hub", *names)}
    written = [("hub", name) for name in names] + [("hub", names[29])] + [(names[0], name) for name in names[1:]]
    edges = tuple(Edge(a, b, EdgeType.LINKS, "", n, 1, "") for n, (a, b) in enumerate(written))
    neighbors = Neighbors(ConceptGraph(nodes, edges))
    (ring,) = neighbors.rings("hub")
    assert ring[0] == names[29]
    assert len(ring) == 12
    assert neighbors.left_out("hub") == 18
    assert neighbors.left_out(names[5]) == 0


@given(st.permutations([("A", "B"), ("A", "C"), ("B", "D"), ("C", "D"), ("D", "E"), ("C", "A")]))
def test_rings_do_not_depend_on_the_order_of_files(pairs: list[tuple[str, str]]) -> None:
    assert Neighbors(_graph(pairs)).rings("A") == (("C", "B"), ("D",), ("E",))
