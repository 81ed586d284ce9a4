"""What the `graph` commands do."""

from __future__ import annotations

from pathlib import Path

from site_builder import answers
from site_builder.analysis.duplicates import near_duplicates
from site_builder.analysis.find import Unknown, find_node
from site_builder.analysis.mentions import MentionFinder, without_common_words
from site_builder.analysis.paths import shortest_path
from site_builder.analysis.related import Relatedness
from site_builder.analysis.requirements import ReadingOrders
from site_builder.analysis.stats import graph_stats
from site_builder.answers import Answer
from site_builder.cache import open_cache
from site_builder.compile import understand, without_collector
from site_builder.concepts import Concepts
from site_builder.diagnostics import CannotRun
from site_builder.formats import GraphFormat, write_graph
from site_builder.names import FilePath, NoteId
from site_builder.project import load_project


def read_concepts(config: Path) -> Concepts:
    """Read a project up to its concept graph; runs no notebook."""
    project, _ = load_project(config)
    with open_cache(project.cache) as cache, without_collector():
        return understand(project, cache, run=False)[0]


def find_concept(name: str, concepts: Concepts) -> str:
    """Return the node of a name that somebody typed.

    Raises CannotRun when no published note or other node has it, and says which have one near it.
    """
    found = find_node(name, concepts.graph, concepts.vault.published)
    if isinstance(found, Unknown):
        near = f": did you mean {' or '.join(map(repr, found.near))}?" if found.near else ""
        raise CannotRun(f"nothing is named {name!r}{near}")
    return found.node


def path_between(config: Path, start: str, goal: str) -> Answer:
    """Find the shortest chain of links between two concepts."""
    concepts = read_concepts(config)
    ends = find_concept(start, concepts), find_concept(goal, concepts)
    return answers.path(concepts.graph, *ends, shortest_path(concepts.graph, *ends))


def related_notes(config: Path, name: str, limit: int) -> Answer:
    """Find the notes that have most in common with one."""
    concepts = read_concepts(config)
    note = NoteId(FilePath(find_concept(name, concepts).removeprefix("note:")))
    if note not in concepts.vault.published:
        raise CannotRun(f"{name!r} is no note, so it has no words to compare")
    found = Relatedness(concepts.graph, concepts.vault.published).related(note, limit)
    return answers.related(concepts.graph, note, found)


def reading_order(config: Path, name: str) -> Answer:
    """Put what a concept requires in order; what is wrong with its requirements is told too."""
    concepts = read_concepts(config)
    orders = ReadingOrders(concepts.graph)
    order = orders.order(find_concept(name, concepts))
    return answers.order(concepts, order, orders)


def shape(config: Path) -> Answer:
    """Count and rank what the graph holds."""
    concepts = read_concepts(config)
    stats = graph_stats(concepts.graph)
    return answers.stats(concepts.graph, stats, near_duplicates(concepts.graph, concepts.vault.published))


def unlinked_mentions(config: Path, *, every: bool) -> Answer:
    """Find the names that stand in a text without a link."""
    concepts = read_concepts(config)
    notes = concepts.vault.published
    finder = MentionFinder(notes)
    found = [
        each for note in notes.values() for each in finder.mentions(note, concepts.vault.links[note.id], every=every)
    ]
    return answers.mentions(concepts, found if every else without_common_words(found, len(notes)))


def export_graph(config: Path, format_: GraphFormat, output: Path | None) -> str:
    """Return the graph of the published notes in a format; with `output`, write it there and return nothing.

    Raises CannotRun for CSV without `output`, which names a folder for its two tables, and when it cannot be written.
    """
    if format_ is GraphFormat.CSV and output is None:
        raise CannotRun("csv is two files: name a folder for them with -o")
    concepts = read_concepts(config)
    files = write_graph(concepts.graph, concepts.urls, format_)
    if output is None:
        return files[""]
    try:
        for name, text in files.items():
            target = output / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
    except OSError as error:
        raise CannotRun(f"cannot write {output}: {error.strerror}") from error
    return ""
