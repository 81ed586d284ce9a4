"""What the commands have in common: the option that names a project, and how failures of the environment end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from site_builder.diagnostics import CannotRun

_Arguments = ParamSpec("_Arguments")

config_option = click.option(
    "-f", "--config-file", "config", type=click.Path(path_type=Path), default=Path("mkdocs.yml"), show_default=True,
    help="The site's configuration.",
)  # fmt: skip


def one_line(command: Callable[_Arguments, int]) -> Callable[_Arguments, None]:
    """Turn the environment's failures into one line and exit status 2; the program's own keep their traceback."""

    @wraps(command)
    def run(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
        try:
            sys.exit(command(*args, **kwargs))
        except CannotRun as error:
            click.echo(f"wikitorch: {error}", err=True)
            sys.exit(2)

    return run
