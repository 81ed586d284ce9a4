"""Questions to the concept graph, each against an oracle: networkx, a brute force, or the definition itself."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Mapping
from itertools import permutations

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.analysis.connected import concept_edges
from site_builder.analysis.duplicates import key_words, near_duplicates
from site_builder.analysis.find import Meant, Unknown, find_node
from site_builder.analysis.paths import shortest_path
from site_builder.analysis.related import Bond, Relatedness, reasons
from site_builder.analysis.requirements import ReadingOrders, Requirement, break_circles
from site_builder.analysis.stats import graph_stats
from site_builder.graph import ConceptGraph, Edge, EdgeType, Node, NodeType
from site_builder.link import LinkedVault, link_vault
from site_builder.names import FilePath, NoteId
from tests.properties.strategies import compile_files, parse

_NAMES = "ABCDEFGH"
_pairs = st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(_NAMES)), max_size=16)


def _vault(files: Mapping[str, str]) -> tuple[ConceptGraph, LinkedVault]:
    notes = [parse(text, f"{name}.md") for name, text in files.items()]
    return compile_files({f"{name}.md": text for name, text in files.items()}).graph, link_vault(
        notes, [], aliases=True
    )


def _graph(pairs: list[tuple[str, str]], type_: EdgeType = EdgeType.LINKS) -> ConceptGraph:
    nodes = {name: Node(name, NodeType.NOTE, name) for name in _NAMES}
    return ConceptGraph(nodes, tuple(Edge(a, b, type_, f"{a}.md", n + 1, 1, "") for n, (a, b) in enumerate(pairs)))


@given(_pairs, st.sampled_from(_NAMES), st.sampled_from(_NAMES))
@settings(max_examples=300, deadline=None)
def test_a_path_is_a_shortest_one(pairs: list[tuple[str, str]], start: str, goal: str) -> None:
    """It is as long as networkx's, each step is an edge, one way or the other, and the steps join."""
    graph = _graph(pairs)
    oracle = networkx.Graph(pairs)
    oracle.add_nodes_from(_NAMES)
    steps = shortest_path(graph, start, goal)
    if steps is None:
        assert not networkx.has_path(oracle, start, goal)
        return
    assert len(steps) == networkx.shortest_path_length(oracle, start, goal)
    nodes = [start, *(step.target for step in steps)]
    assert nodes[-1] == goal
    for step, source in zip(steps, nodes, strict=False):
        assert step.source == source
        assert step.edge in graph.edges
        assert (step.edge.source, step.edge.target) in ((step.source, step.target), (step.target, step.source))
        assert step.forward == (step.edge.source == source)


def test_a_path_goes_through_no_tag_and_no_reference() -> None:
    """Two notes with a tag and a citation in common are not joined; a path may end at one of those."""
    cited = "#tag\n\nSo.[^1]\n\n[^1]: Ba, Kiros, Hinton. Layer normalization. arXiv:1607.06450, 2016."
    graph, _ = _vault({"A": cited, "B": cited})
    assert shortest_path(graph, "note:A.md", "note:B.md") is None
    assert len(shortest_path(graph, "note:A.md", "tag:tag") or ()) == 1


def test_a_step_prefers_a_link_with_a_sentence() -> None:
    graph, _ = _vault({"A": '---\nup: "[[B]]"\n---\nSee [[B]] here.', "B": "b"})
    (step,) = shortest_path(graph, "note:B.md", "note:A.md") or ()
    assert (step.edge.context, step.edge.line, step.forward) == ("See B here.", 4, False)


_requirements = st.lists(
    st.builds(
        Requirement,
        st.sampled_from(_NAMES),
        st.sampled_from(_NAMES),
        st.tuples(st.just("p"), st.integers(1, 99), st.just(1)),
        st.integers(0, 3),
    ).filter(lambda each: each.source != each.target),
    max_size=16,
    unique_by=lambda each: (each.source, each.target),
)


@given(_requirements)
@settings(max_examples=300, deadline=None)
def test_broken_circles_leave_no_circle(requirements: list[Requirement]) -> None:
    """What is left has no circle, what is broken closes one with what is left, and is the weakest in it."""
    kept, circles = break_circles(requirements)
    assert {*kept} | {circle.broken for circle in circles} == {*requirements}
    left = networkx.DiGraph((each.source, each.target) for each in kept)
    assert networkx.is_directed_acyclic_graph(left)
    if networkx.is_directed_acyclic_graph(networkx.DiGraph((each.source, each.target) for each in requirements)):
        assert not circles
    for circle in circles:
        chain = circle.requirements
        assert all(a.target == b.source for a, b in zip(chain, (*chain[1:], chain[0]), strict=True))
        assert {*chain[:-1]} <= {*kept}
        strength = [(each.mentions, *(-n for n in each.place[1:])) for each in chain]  # of equals any may be broken
        assert strength[chain.index(circle.broken)] == min(strength)


@given(_pairs, st.sampled_from(_NAMES))
@settings(max_examples=300, deadline=None)
def test_an_order_respects_every_requirement(pairs: list[tuple[str, str]], goal: str) -> None:
    """It holds what the goal requires, directly or not, each before what requires it, and the goal at its end."""
    orders = ReadingOrders(_graph(pairs, EdgeType.REQUIRES))
    order = orders.order(goal)
    broken = {(circle.broken.source, circle.broken.target) for circle in orders.circles}
    kept = networkx.DiGraph([(a, b) for a, b in pairs if a != b and (a, b) not in broken])
    kept.add_node(goal)
    assert {*order} == {goal} | networkx.descendants(kept, goal)
    assert order[-1] == goal
    place = {node: index for index, node in enumerate(order)}
    assert all(place[b] < place[a] for a, b in kept.edges if a in place)
    assert {*orders.order(goal, 3)} <= {*order}
    assert len(orders.order(goal, 3)) == min(3, len(order))


def test_goals_are_the_ends_of_the_longest_chains() -> None:
    pairs = [("A", "B"), ("B", "C"), ("D", "C"), ("E", "F"), ("F", "G"), ("G", "H")]
    assert ReadingOrders(_graph(pairs, EdgeType.REQUIRES)).goals() == ("E", "A", "D")


@given(_pairs)
@settings(max_examples=100, deadline=None)
def test_bridges_are_what_networkx_finds(pairs: list[tuple[str, str]]) -> None:
    """Those of which neither end hangs by the bridge alone; communities hold each linked concept once."""
    graph = _graph(pairs)
    stats = graph_stats(graph)
    oracle = networkx.Graph((edge.source, edge.target) for edge in concept_edges(graph))
    expected = {tuple(sorted(pair)) for pair in networkx.bridges(oracle) if all(oracle.degree(end) > 1 for end in pair)}
    assert {tuple(sorted(pair)) for pair in stats.bridges} == expected
    members = [node for each in stats.communities for node in each.members]
    assert sorted(members) == sorted(oracle.nodes)
    assert set(stats.orphans) == set(_NAMES) - set(oracle.nodes)
    assert math.isclose(sum(rank for _, rank in stats.central), 1, abs_tol=1e-4)


def test_wanted_notes_are_ranked_by_the_notes_that_want_them() -> None:
    graph, _ = _vault({"A": "[[X]] [[Y]] [[Y]] [[Y]]", "B": "[[X]]", "C": "Alone."})
    stats = graph_stats(graph)
    assert [(each.node, each.mentions, each.notes) for each in stats.wanted] == [("wanted:X", 2, 2), ("wanted:Y", 3, 1)]
    assert stats.orphans == ("note:C.md",)


_SCRIPT = """
from site_builder.analysis.related import Relatedness
from site_builder.analysis.stats import graph_stats
from tests.test_analysis import _vault
words = "Words {} {} [[N{}]] [[N{}]] [[W{}]]"
files = {f"N{n}": words.format("abc"[n % 3] * 4, "abcde"[n % 5] * 5, n * 7 % 20, n * 3 % 20, n % 4) for n in range(20)}
graph, vault = _vault(files)
print(graph_stats(graph))
relatedness = Relatedness(graph, vault.published)
print([relatedness.related(note) for note in vault.published])
"""


def test_answers_are_the_same_in_every_process() -> None:
    """Python hashes texts differently in each process; no answer may show that."""
    said = set()
    for seed in ("0", "1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        said.add(
            subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True, env=env).stdout
        )
    assert len(said) == 1


def test_related_notes_say_what_they_share() -> None:
    cited = "[^1]\n\n[^1]: Ba, Kiros, Hinton. Layer normalization. arXiv:1607.06450, 2016."
    graph, vault = _vault(
        {
            "A": f"See [[X]] on gradients.{cited}",
            "B": f"Gradients and [[X]], with [[A]].{cited}",
            "C": "Nothing in common.",
            "D": "[[E]]",
            "E": "Else.",
            "F": "More.",
        }
    )
    relatedness = Relatedness(graph, vault.published)
    (near,) = relatedness.related(_id("A"))
    assert (near.note, near.linked) == ("B.md", True)
    assert near.shared[Bond.LINK_TO] == ("wanted:X",)
    assert near.shared[Bond.WORD] == ("gradients",)
    said = list(reasons(near, lambda node: graph.nodes[node].title))
    assert said == ["both link to X", "both cite Layer normalization", "share “gradients”"]
    assert relatedness.related(_id("A"), linked=False) == ()
    assert relatedness.related(_id("C")) == ()


def _id(name: str) -> NoteId:
    return NoteId(FilePath(f"{name}.md"))


_words = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta", "[[A]]", "[[B]]", "[[C]]"]), max_size=8).map(
    " ".join
)


@given(st.dictionaries(st.sampled_from("ABCDE"), _words, min_size=2))
@settings(max_examples=60, deadline=None)
def test_relatedness_is_mutual(files: dict[str, str]) -> None:
    """Two notes are as related as the other way round, at most wholly, and for a reason."""
    graph, vault = _vault(files)
    relatedness = Relatedness(graph, vault.published)
    score = {(note, each.note): each for note in vault.published for each in relatedness.related(note, 99)}
    for first, last in permutations(vault.published, 2):
        if (first, last) in score:
            assert math.isclose(score[first, last].score, score[last, first].score, abs_tol=1e-3)
            assert 0 < score[first, last].score <= 1
            assert score[first, last].shared


@pytest.mark.parametrize(
    ("first", "last", "alike"),
    [
        ("self-attention layer", "Self-Attention Mechanism", True),
        ("The Causal Masks", "causal mask", True),
        ("Normalization", "Normalisation", True),
        ("Encoder", "Decoder", False),
        ("Chapter 11 begins", "Chapter 12 begins", False),
        ("Layer", "Layers", True),
        ("Loss", "Los", False),
        ("Query", "Key", False),
    ],
)
def test_names_that_seem_to_mean_one_thing_are_told(first: str, last: str, alike: bool) -> None:
    graph, vault = _vault({first: "x", last: "y"})
    found = near_duplicates(graph, vault.published)
    assert [{each.first_name, each.last_name} for each in found] == ([{first, last}] if alike else [])


def test_a_name_of_general_words_keeps_them() -> None:
    assert key_words("The Model") == ("the", "model")


def test_a_note_is_no_duplicate_of_its_own_aliases() -> None:
    graph, vault = _vault({"Mask": "---\naliases: [Masks, The mask]\n---\n"})
    assert near_duplicates(graph, vault.published) == ()


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("a", "note:A.md"),
        ("[[A]]", "note:A.md"),
        ("Bee", "note:B.md"),
        ("note:B.md", "note:B.md"),
        ("Nowhere", "wanted:Nowhere"),
        ("#Tag", "tag:tag"),
        ("Hidden", None),
        ("zq", None),
    ],
)
def test_a_name_means_what_a_wikilink_of_it_does(name: str, node: str | None) -> None:
    """Or a node's id, a wanted note, a tag; never an unpublished note."""
    files = {
        "A": "[[Nowhere]] #tag [[Hidden]]",
        "B": "---\naliases: Bee\n---\n",
        "Hidden": "---\npublish: false\naliases: zq\n---\n",
    }
    graph, vault = _vault(files)
    found = find_node(name, graph, vault.published)
    assert found == (Meant(node) if node else Unknown(name, ()))


def test_a_name_that_means_nothing_is_answered_with_near_ones() -> None:
    graph, vault = _vault({"Self-Attention": "x", "Encoder": "y"})
    assert find_node("Self-Atention", graph, vault.published) == Unknown("Self-Atention", ("Self-Attention",))
