"""The commands below `wikitorch graph`: they read arguments and print. What they do, Python functions do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from site_builder.command_line import config_option, one_line

if TYPE_CHECKING:
    from site_builder.answers import Answer


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


_json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@graph.command()
@config_option
@_json_option
@click.argument("start")
@click.argument("goal")
@one_line
def path(config: Path, start: str, goal: str, as_json: bool) -> int:
    """Show the shortest chain of links between two concepts, in either direction, with its sentences."""
    from site_builder.graph_commands import path_between

    return _print(path_between(config, start, goal), as_json)


@graph.command()
@config_option
@_json_option
@click.option("-n", "--limit", type=click.IntRange(1), default=10, show_default=True, help="How many.")
@click.argument("note")
@one_line
def related(config: Path, note: str, limit: int, as_json: bool) -> int:
    """List the notes that have most in common with one, and what: links, citations, words."""
    from site_builder.graph_commands import related_notes

    return _print(related_notes(config, note, limit), as_json)


@graph.command()
@config_option
@_json_option
@click.argument("concept")
@one_line
def order(config: Path, concept: str, as_json: bool) -> int:
    """List what to read before a concept, in order, by the notes' property `requires`."""
    from site_builder.graph_commands import reading_order

    return _print(reading_order(config, concept), as_json)


@graph.command()
@config_option
@_json_option
@one_line
def stats(config: Path, as_json: bool) -> int:
    """Count the graph; list orphans, wanted notes, bridges, communities, and names that seem to mean one thing."""
    from site_builder.graph_commands import shape

    return _print(shape(config), as_json)


@graph.command()
@config_option
@_json_option
@click.option("--all", "every", is_flag=True, help="Each mention, also of notes that the note links elsewhere.")
@one_line
def mentions(config: Path, every: bool, as_json: bool) -> int:
    """List titles and aliases that stand in a text without a link, each with the link to write."""
    from site_builder.graph_commands import unlinked_mentions

    return _print(unlinked_mentions(config, every=every), as_json)


def _print(answer: Answer, as_json: bool) -> int:
    """Print an answer, and what is wrong to stderr; return 1 when there is none or something is wrong."""
    from site_builder.reporting import render

    if as_json:
        click.echo(json.dumps(answer.data, ensure_ascii=False, indent=2))
    elif answer.lines:
        click.echo("\n".join(answer.lines), err=not answer.found)
    if answer.diagnostics:
        click.echo(render(answer.diagnostics, "full", color=sys.stderr.isatty()), err=True)
    return int(not answer.found or bool(answer.diagnostics))
