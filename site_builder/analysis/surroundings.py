"""What the graph says of each note and of all, found once for a vault: what is related, named, required, central."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from site_builder.analysis.duplicates import NearDuplicate, near_duplicates
from site_builder.analysis.mentions import Mention, MentionFinder, without_common_words
from site_builder.analysis.neighbors import Neighbors
from site_builder.analysis.related import Related, Relatedness
from site_builder.analysis.requirements import ReadingOrders
from site_builder.analysis.stats import Stats, graph_stats
from site_builder.graph import ConceptGraph
from site_builder.link import LinkedVault
from site_builder.names import NoteId

_RELATED = 5
_LEAST = 0.1  # what two notes have in common below this is chance


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`mentions` gives the places where a note is named without a link, in notes that do not link to it."""

    related: Mapping[NoteId, tuple[Related, ...]]
    mentions: Mapping[NoteId, tuple[Mention, ...]]
    orders: ReadingOrders
    neighbors: Neighbors
    stats: Stats
    alike: tuple[NearDuplicate, ...]


def survey(graph: ConceptGraph, vault: LinkedVault) -> Surroundings:
    """Find what lies around each published note."""
    notes = vault.published
    relatedness = Relatedness(graph, notes)
    return Surroundings(
        related={
            note: tuple(each for each in relatedness.related(note, _RELATED) if each.score >= _LEAST) for note in notes
        },
        mentions=_mentions(vault),
        orders=ReadingOrders(graph),
        neighbors=Neighbors(graph),
        stats=graph_stats(graph),
        alike=near_duplicates(graph, notes),
    )


def _mentions(vault: LinkedVault) -> Mapping[NoteId, tuple[Mention, ...]]:
    finder = MentionFinder(vault.published)
    everywhere = [each for note in vault.published.values() for each in finder.mentions(note, vault.links[note.id])]
    found: defaultdict[NoteId, list[Mention]] = defaultdict(list)
    for mention in without_common_words(everywhere, len(vault.published)):
        found[mention.target].append(mention)
    return {note: tuple(mentions) for note, mentions in found.items()}
