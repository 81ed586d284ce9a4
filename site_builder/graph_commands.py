"""What the `graph` commands do."""

from __future__ import annotations

from pathlib import Path

from site_builder.cache import open_cache
from site_builder.compile import understand, without_collector
from site_builder.concepts import Concepts
from site_builder.diagnostics import CannotRun
from site_builder.formats import GraphFormat, write_graph
from site_builder.project import load_project


def read_concepts(config: Path) -> Concepts:
    """Read a project up to its concept graph; runs no notebook."""
    project, _ = load_project(config)
    with open_cache(project.cache) as cache, without_collector():
        return understand(project, cache, run=False)[0]


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
