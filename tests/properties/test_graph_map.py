"""Laws of the graph page's file: all nodes, all pairs, the same in whatever order, each at a place of its own."""

from __future__ import annotations

import json
import math
import random
import statistics
from itertools import accumulate, pairwise
from typing import Any

import networkx
import numpy as np
import pytest
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


def _numbered(graph: networkx.Graph) -> Numbered:
    pairs = sorted((min(pair), max(pair)) for pair in graph.edges)
    return Numbered(tuple(f"{node:04}" for node in range(len(graph))), tuple(pairs))


def _nearest(place: tuple[float, float], places: list[tuple[float, float]], count: int) -> list[int]:
    """Return the numbers of the nearest other places."""
    return sorted(range(len(places)), key=lambda other: math.dist(place, places[other]))[1 : count + 1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_communities_lie_apart(seed: int) -> None:
    """Of the five nodes nearest to each, nearly all are of its community, though one link of four leads to another."""
    graph = networkx.planted_partition_graph(4, 25, 0.25, 0.03, seed=seed)
    places = lay_out(_numbered(graph), [node // 25 for node in range(100)])
    near = [other // 25 == node // 25 for node in range(100) for other in _nearest(places[node], places, 5)]
    assert sum(near) > 0.95 * len(near)


@pytest.mark.parametrize("graph", [networkx.complete_graph(30), networkx.star_graph(60), networkx.path_graph(40)])
def test_nodes_that_are_joined_do_not_lie_upon_each_other(graph: networkx.Graph) -> None:
    """The nearest two are at least 0.4 times as far apart as the nodes of a square that is filled evenly."""
    places = lay_out(_numbered(graph), [0] * len(graph))
    nearest = min(math.dist(place, places[_nearest(place, places, 1)[0]]) for place in places)
    assert nearest > 0.4 / math.sqrt(len(graph))


def test_what_is_long_lies_along_the_line() -> None:
    """Pictures are wider than high: a band of four rows lies across."""
    graph = networkx.convert_node_labels_to_integers(networkx.grid_2d_graph(4, 40))
    across, down = zip(*lay_out(_numbered(graph), [0] * 160), strict=True)
    along = [node % 40 for node in range(160)]
    assert abs(statistics.correlation(across, along)) > 0.95
    assert abs(statistics.correlation(down, along)) < 0.1


def test_stragglers_leave_the_crowd_most_of_the_picture() -> None:
    """Nine nodes of ten of a crowd take half of it and more, though a chain of sixty leads away from there."""
    graph = networkx.gnm_random_graph(2100, 6300, seed=4)
    crowd = max(networkx.connected_components(graph), key=len)
    graph = networkx.convert_node_labels_to_integers(graph.subgraph(crowd))
    networkx.add_path(graph, [0, *range(len(crowd), len(crowd) + 60)])
    places = lay_out(_numbered(graph), [0] * len(graph))[: len(crowd)]
    for values in map(sorted, zip(*places, strict=True)):
        assert values[-len(crowd) // 20] - values[len(crowd) // 20] > 0.5


def _with_parts(sizes: list[int]) -> list[tuple[float, float]]:
    """Lay out 150 nodes that hang together, and chains of so many nodes beside them."""
    graph = networkx.planted_partition_graph(3, 50, 0.2, 0.02, seed=5)
    for size in sizes:
        networkx.add_path(graph, range(len(graph), len(graph) + size))
    return lay_out(_numbered(graph), [0] * len(graph))


@pytest.mark.parametrize("sizes", [[1], [1, 1, 1], [2, 1], [1, 1, 1, 1, 1]])
def test_a_few_parts_stand_together_in_a_corner(sizes: list[int]) -> None:
    """They take hardly anything from what hangs together, and none of them lies in it."""
    places = _with_parts(sizes)
    for values in zip(*places[:150], strict=True):
        assert max(values) - min(values) > 0.85
    assert all(x < 0.15 and y > 0.6 for x, y in places[150:])
    assert all(math.dist(place, other) > 0.8 / math.sqrt(150) for place in places[150:] for other in places[:150])


@pytest.mark.parametrize("alone", [20, 150])
def test_many_parts_stand_beside_what_hangs_together(alone: int) -> None:
    """However many they are, each has as much room as a node in the middle, and most are left of all of those."""
    places = _with_parts([1] * alone)
    for place in places[150:]:
        assert math.dist(place, places[_nearest(place, places, 1)[0]]) > 0.6 / math.sqrt(len(places))
    left = min(x for x, _ in places[:150])
    assert sum(x < left for x, _ in places[150:]) > 0.6 * alone


@pytest.mark.parametrize("parts", [[6] * 7, [30, 30], [2, 2, 2, 1, 1, 1]])
def test_parts_of_one_size_stand_side_by_side(parts: list[int]) -> None:
    """Each within a circle of its own."""
    graph: networkx.Graph = networkx.Graph()
    for size in parts:
        networkx.add_cycle(graph, range(len(graph), len(graph) + size))
    graph.remove_edges_from(list(networkx.selfloop_edges(graph)))
    places = lay_out(_numbered(graph), [0] * len(graph))
    found = sorted(networkx.connected_components(graph), key=min)
    for part in found:
        own = {node: min(math.dist(places[node], places[other]) for other in part - {node} or {node}) for node in part}
        others = (places[other] for other in set(graph) - part)
        assert min(math.dist(place, places[node]) for place in others for node in part) >= max(own.values()) * 0.5


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


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_the_order_of_sizes_is_that_of_the_page_rank(graph: ConceptGraph) -> None:
    """The oracle follows links at random for long."""
    file, _ = read(make(graph))
    drawn = map_graph(graph)
    directed = networkx.DiGraph(drawn.numbered.pairs)
    directed.add_nodes_from(range(len(drawn.nodes)))
    order = range(len(drawn.nodes))
    central = np.linalg.matrix_power(networkx.google_matrix(directed, nodelist=order), 200)[:1].ravel() if order else []
    expected = [100 * math.sqrt(each / max(central)) for each in central]
    assert file["rank"] == pytest.approx(expected, abs=0.6)


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
