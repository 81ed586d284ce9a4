"""The commands below `wikitorch graph`: they read arguments and print. What they do, Python functions do."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from site_builder.command_line import config_option, one_line


@click.group()
def graph() -> None:
    """Ask the concept graph of the published notes, or export it."""


@graph.command()
@config_option
@click.option(
    "--format", "format_", type=click.Choice(["json", "graphml", "gexf", "dot", "csv", "jsonld"]), default="json",
    show_default=True, help="csv is two tables, nodes.csv and edges.csv, as Gephi imports them.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file, for csv a folder.  [default: stdout]")
@one_line
def export(config: Path, format_: str, output: Path | None) -> int:
    """Write the graph for another program."""
    from site_builder.formats import GraphFormat
    from site_builder.graph_commands import export_graph

    sys.stdout.buffer.write(export_graph(config, GraphFormat(format_), output).encode())
    return 0
