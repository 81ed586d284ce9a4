"""The shape of the whole graph: what there is, what stands alone, what is wanted, what holds it together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from site_builder.analysis.connected import Numbered, concept_edges, load_igraph, number_concepts
from site_builder.graph import ConceptGraph, NodeType


@dataclass(frozen=True, slots=True)
class Wanted:
    """A note that is linked and not written, how often, and in how many notes."""

    node: str
    mentions: int
    notes: int


@dataclass(frozen=True, slots=True)
class Community:
    """Concepts that link each other more than others do, the most central first."""

    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """The figures of a graph. `bridges` are pairs without whose link the graph falls apart."""

    nodes: Mapping[str, int]
    edges: Mapping[str, int]
    orphans: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    bridges: tuple[tuple[str, str], ...]
    communities: tuple[Community, ...]
    central: tuple[tuple[str, float], ...]


def graph_stats(graph: ConceptGraph) -> Stats:
    """Return the figures of a graph; the same graph has the same on every run."""
    numbered = number_concepts(graph)
    central = centrality(numbered)
    return Stats(
        nodes=dict(sorted(Counter(node.type.value for node in graph.nodes.values()).items())),
        edges=dict(sorted(Counter(edge.type.value for edge in graph.edges).items())),
        orphans=orphans(graph),
        wanted=wanted_notes(graph),
        bridges=tuple(_bridges(numbered)),
        communities=communities(numbered, central),
        central=tuple(sorted(central.items(), key=lambda each: (-each[1], each[0]))),
    )


def orphans(graph: ConceptGraph) -> tuple[str, ...]:
    """Return the notes that no other concept links, and that link to none, written or not."""
    joined = {end for edge in concept_edges(graph) for end in (edge.source, edge.target)}
    notes = (node.id for node in graph.nodes.values() if node.type is NodeType.NOTE)
    return tuple(sorted(id_ for id_ in notes if id_ not in joined))


def wanted_notes(graph: ConceptGraph) -> tuple[Wanted, ...]:
    """Return the notes that are linked and not written, those that are linked most first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for edge in concept_edges(graph):
        if graph.nodes[edge.target].type is NodeType.WANTED:
            found[edge.target].append(edge.source)
    counted = (Wanted(node, len(sources), len(set(sources))) for node, sources in found.items())
    return tuple(sorted(counted, key=lambda each: (-each.notes, -each.mentions, each.node)))


def centrality(numbered: Numbered) -> Mapping[str, float]:
    """Return the PageRank of each concept: how often a reader who follows links at random is there."""
    if not numbered.ids:
        return {}
    ranks: Sequence[float] = numbered.directed().pagerank()
    return {id_: round(rank, 6) for id_, rank in zip(numbered.ids, ranks, strict=True)}


def communities(numbered: Numbered, central: Mapping[str, float]) -> tuple[Community, ...]:
    """Return the communities that Louvain's method finds, largest first; a concept that stands alone is in none."""
    view = numbered.undirected()
    load_igraph()  # seeds the order in which the method moves concepts
    found = ([numbered.ids[index] for index in each] for each in view.community_multilevel() if len(each) > 1)
    ranked = (tuple(sorted(each, key=lambda id_: (-central[id_], id_))) for each in found)
    return tuple(Community(each) for each in sorted(ranked, key=lambda each: (-len(each), each)))


def _bridges(numbered: Numbered) -> Iterator[tuple[str, str]]:
    """Yield the pairs whose link alone holds two parts of two concepts or more together."""
    view = numbered.undirected()
    degrees: Sequence[int] = view.degree()
    for index in sorted(view.bridges()):
        first, last = view.es[index].tuple
        if degrees[first] > 1 and degrees[last] > 1:
            yield numbered.ids[first], numbered.ids[last]
