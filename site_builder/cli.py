"""The command line: reads arguments, prints, sets the exit status. What it does, Python functions do.

Exit status: 0 clean, 1 findings, 2 cannot run. Data goes to stdout, diagnostics and progress to stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

import click

from site_builder import __version__
from site_builder.command_line import config_option, one_line
from site_builder.graph_cli import graph


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="wikitorch")
def main() -> None:
    """Compile a vault of linked notes, and the PyTorch models they talk about, into a study site."""


main.add_command(graph)


@main.command()
@config_option
@click.option("-d", "--site-dir", type=click.Path(path_type=Path), help="Where to write the site.  [default: site]")
@click.option("--strict", is_flag=True, help="Any finding is a failure, and leaves the present site as it is.")
@click.option("--no-run", is_flag=True, help="Show kept results only; run no notebook.")
@one_line
def build(config: Path, site_dir: Path | None, strict: bool, no_run: bool) -> int:
    """Compile the vault and write the site."""
    from site_builder.build import build_site

    return build_site(config, site_dir=site_dir, strict=strict, run=not no_run)


@main.command()
@config_option
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port of 127.0.0.1.")
@click.option("--no-run", is_flag=True, help="Show kept results only; run no notebook.")
@click.option("--live", is_flag=True, help="Let the reader who opens the printed address run the code on the pages.")
@one_line
def serve(config: Path, port: int, no_run: bool, live: bool) -> int:
    """Preview the site, and build it again when a file changes."""
    from site_builder.build import serve_site

    serve_site(config, port=port, run=not no_run, live=live)
    return 0


@main.command()
@config_option
@click.option(
    "--format", "format_", type=click.Choice(["full", "concise", "json", "github"]), default="full", show_default=True,
    help="How findings are printed.",
)  # fmt: skip
@click.argument("paths", nargs=-1)
@one_line
def check(config: Path, format_: Any, paths: tuple[str, ...]) -> int:
    """Say what is wrong with the vault; with PATHS, only with these notes or folders."""
    from site_builder.build import check_project
    from site_builder.reporting import exit_code, render, summary

    found = check_project(config, paths)
    if found or format_ == "json":
        click.echo(render(found, format_, color=format_ == "full" and sys.stdout.isatty()))
    if found and format_ == "full":
        click.echo(summary(found), err=True)
    return exit_code(found)


@main.group()
def models() -> None:
    """List, run, test and measure the models that the notes talk about."""


@models.command("list")
@config_option
@one_line
def list_models(config: Path) -> int:
    """List the models, one a line: name, whether it was run and tested as it is, and what it is."""
    from site_builder.build import model_manifests

    for manifest in model_manifests(config, run=False)[0]:
        model = manifest.model
        ran = manifest.run.status if model.notebook else "-"
        click.echo(f"{model.name:34} {ran:8} {manifest.checks.status:8} {model.summary}")
    return 0


@models.command("run")
@config_option
@click.option(
    "--engine",
    type=click.Choice(["process", "kernel"]),
    default="process",
    help="Where: in processes that share one torch, or each in a Jupyter kernel, all of them, keeping no result.",
)
@one_line
def run_models(config: Path, engine: Literal["process", "kernel"]) -> int:
    """Run the notebooks whose results are not kept."""
    from site_builder.build import model_manifests
    from site_builder.reporting import exit_code, render

    manifests, faults = model_manifests(config, run=True, engine=engine)
    failed = tuple(each for each in faults if each.rule.severity.value == "error")
    if failed:
        click.echo(render(failed, "full", color=sys.stderr.isatty()), err=True)
    notebooks = [each for each in manifests if each.model.notebook]
    click.echo(f"{sum(each.run.status == 'ok' for each in notebooks)} of {len(notebooks)} notebooks ran to their end")
    return exit_code(failed)


@models.command("test")
@config_option
@click.option("--changed", is_flag=True, help="Only those whose source changed since their results were kept.")
@click.argument("names", nargs=-1)
@one_line
def test_models(config: Path, names: tuple[str, ...], changed: bool) -> int:
    """Run the models' tests, all or those of NAMES, and keep the results for the pages."""
    from site_builder.build import run_model_tests

    return run_model_tests(config, names, changed=changed)


@models.command("bench", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@config_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@one_line
def bench_models(config: Path, arguments: tuple[str, ...]) -> int:
    """Measure the models: run the project's own benchmarks/models.py, which gets ARGUMENTS, such as --help."""
    from site_builder.execute import run_benchmark

    return run_benchmark(config.parent, arguments)


@main.group()
def new() -> None:
    """Begin a note or a model."""


@new.command("note")
@config_option
@click.argument("name")
@one_line
def begin_note(config: Path, name: str) -> int:
    """Begin the note NAME, which may say a folder: `Attention/Sparse Attention`."""
    from site_builder.new import new_note

    click.echo(new_note(config, name))
    return 0


@new.command("model")
@config_option
@click.argument("name")
@one_line
def begin_model(config: Path, name: str) -> int:
    """Begin the model NAME, like `attention.sparse`: a module, its notebook and its test."""
    from site_builder.new import new_model

    for path in new_model(config, name):
        click.echo(path)
    click.echo(f"a note shows it with the property `model: {name}`", err=True)
    return 0
