"""Laws of the graph page's file: all nodes, all pairs, the same in whatever order, each at a place of its own."""

from __future__ import annotations

import json
import math
import random
from itertools import accumulate, pairwise
from typing import Any

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.analysis.connected import Numbered
from site_builder.analysis.layout import lay_out
from site_builder.cache import Cache
from site_builder.graph import ConceptGraph, Edge, EdgeType, Node, NodeType
from site_builder.graph_map import COLORS, DRAWN, group_colors, map_file, map_graph
from site_builder.names import SitePath
from tests.properties.strategies import compile_files, vaults

_TYPES = st.sampled_from(list(NodeType))
_EDGES = st.sampled_from(list(EdgeType))
_ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)


@st.composite
def graphs(draw: st.DrawFn) -> ConceptGraph:
    """Any graph of up to twenty nodes, with loops, pairs of edges and parts of their own."""
    nodes = draw(st.lists(st.builds(_node, _TYPES, _ids), unique_by=lambda node: node.id, max_size=20))
    if not nodes:
        return ConceptGraph({}, ())
    end = st.sampled_from([node.id for node in nodes])
    edges = draw(st.lists(st.builds(_edge, end, end, _EDGES), max_size=40))
    return ConceptGraph({node.id: node for node in nodes}, tuple(edges))


def _node(type_: NodeType, name: str) -> Node:
    return Node(f"{type_.value}:{name}", type_, f"Title of {name}", name)


def _edge(source: str, target: str, type_: EdgeType) -> Edge:
    return Edge(source, target, type_, "", 1, 1, "")


def read(text: str) -> tuple[dict[str, Any], networkx.Graph]:
    """Read the file as the page's script does."""
    file = json.loads(text)
    graph = networkx.Graph()
    ids = [f"{file['types'][type_]}:{name}" for type_, name in zip(file["type"], file["name"], strict=True)]
    graph.add_nodes_from(ids)
    steps = iter(file["steps"])
    for node, degree in enumerate(file["degree"]):
        for other in list(accumulate([node, *(next(steps) for _ in range(degree))]))[1:]:
            graph.add_edge(ids[node], ids[other])
    assert next(steps, None) is None
    return file, graph


def make(graph: ConceptGraph) -> str:
    cache = Cache(None)
    urls = {id_: SitePath(f"{number}/") for number, id_ in enumerate(sorted(graph.nodes))}
    return map_file(graph, {"tag": [id_ for id_ in graph.nodes if id_.startswith("note:")]}, urls, cache)


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_every_drawn_node_and_pair_is_in_the_file(graph: ConceptGraph) -> None:
    file, found = read(make(graph))
    drawn = {id_ for id_, node in graph.nodes.items() if node.type in DRAWN}
    assert set(found) == drawn
    pairs = {frozenset((edge.source, edge.target)) for edge in graph.edges if edge.type is not EdgeType.TAGGED}
    assert {frozenset(edge) for edge in found.edges} == {pair for pair in pairs if len(pair) == 2 and pair <= drawn}
    assert {len(file[name]) for name in ("type", "name", "title", "url", "x", "y", "rank", "group")} == {len(drawn)}
    tagged = [list(found)[number] for number in accumulate(file["tags"]["tag"])]
    assert tagged == sorted(id_ for id_ in drawn if id_.startswith("note:"))


@settings(max_examples=100, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_nodes_and_edges_means_nothing(graph: ConceptGraph, chance: random.Random) -> None:
    nodes, edges = list(graph.nodes.items()), list(graph.edges)
    chance.shuffle(nodes)
    chance.shuffle(edges)
    assert make(ConceptGraph(dict(nodes), tuple(edges))) == make(graph)


@settings(max_examples=30, deadline=None)
@given(vaults)
def test_a_vault_has_one_map(vault: dict[str, str]) -> None:
    name = SitePath("assets/wikitorch/graph-map.json")
    assert compile_files(vault).files[name] == compile_files(dict(reversed(vault.items()))).files[name]


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_what_is_kept_is_what_would_be_laid_out(graph: ConceptGraph) -> None:
    cache = Cache(None)
    assert map_file(graph, {}, {}, cache) == map_file(graph, {}, {}, cache)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_places_are_within_the_picture_and_apart(graph: ConceptGraph) -> None:
    drawn = map_graph(graph)
    places = lay_out(drawn.numbered, drawn.membership())
    assert all(0 <= value <= 1 for place in places for value in place)
    assert len(set(places)) == len(drawn.nodes)


@given(st.integers(2, 60))
@settings(max_examples=20, deadline=None)
def test_nodes_that_nothing_joins_keep_their_distance(count: int) -> None:
    """The nearest two are no nearer than in a square that is filled evenly, about."""
    places = lay_out(Numbered(tuple(map(str, range(count))), ()), [-1] * count)
    nearest = min(math.dist(a, b) for i, a in enumerate(places) for b in places[i + 1 :])
    assert nearest > 0.25 / math.sqrt(count)


def test_communities_lie_apart() -> None:
    """Of two rings with one link between them, every node is nearer to its own ring's middle."""
    pairs = [(start + i, start + (i + step) % 10) for start in (0, 10) for i in range(10) for step in (1, 2)]
    numbered = Numbered(tuple(f"{i:02}" for i in range(20)), tuple(sorted({*pairs, (0, 10)})))
    places = lay_out(numbered, [0] * 10 + [1] * 10)
    middles = [[sum(values) / 10 for values in zip(*places[start : start + 10], strict=True)] for start in (0, 10)]
    for node, place in enumerate(places):
        own, other = middles[node // 10], middles[1 - node // 10]
        assert math.dist(place, own) < math.dist(place, other)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=60))
@settings(max_examples=100, deadline=None)
def test_up_to_ten_communities_have_each_its_own_color(pairs: list[tuple[int, int]]) -> None:
    colors = group_colors(pairs, list(range(10)), 10)
    assert sorted(colors) == list(range(COLORS)) or len(pairs) > 0
    assert all(0 <= color < COLORS for color in colors)
    assert all(colors[a] != colors[b] for a, b in pairs if a != b)


def test_a_chain_of_communities_repeats_no_color_next_to_itself() -> None:
    colors = group_colors([(i, i + 1) for i in range(29)], list(range(30)), 30)
    assert all(one != other for one, other in pairwise(colors))
    assert len(set(colors)) == COLORS


def test_a_color_far_away_is_better_than_an_unused_one_next_door() -> None:
    """Two communities that are linked with the second to the tenth both take the first one's color."""
    pairs = [(late, early) for late in (10, 11) for early in range(1, 10)]
    assert group_colors(pairs, list(range(12)), 12)[-2:] == [0, 0]


def test_the_most_central_node_has_rank_100_and_leads_its_community() -> None:
    nodes = {f"note:{name}": Node(f"note:{name}", NodeType.NOTE, name, name) for name in "ABCDE"}
    edges = tuple(_edge(f"note:{name}", "note:A", EdgeType.LINKS) for name in "BCDE")
    file, _ = read(make(ConceptGraph(nodes, edges)))
    assert file["rank"][0] == 100
    assert max(file["rank"][1:]) < 100
    assert file["groups"] == [0]
    assert file["group"] == [0] * 5


def test_without_nodes_there_is_a_file() -> None:
    file, graph = read(make(ConceptGraph({}, ())))
    assert not graph
    assert file["version"] == 1
