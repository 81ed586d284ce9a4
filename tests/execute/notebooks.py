"""Runs notebooks that are given as texts, and tells what they put out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from site_builder.execute.job import Limits
from site_builder.execute.notebook import parse_notebook
from site_builder.execute.progress import quiet
from site_builder.execute.results import NotebookRun
from site_builder.execute.runner import Notebook, run_notebooks
from site_builder.text import Source

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
PLAIN = Limits(seconds=20.0)


def run(
    root: Path, texts: Mapping[str, str], *preload: str, fork: bool = True, limits: Limits = PLAIN
) -> dict[str, NotebookRun]:
    """Run notebooks, given as texts by name."""
    sources = {name: Source(f"{name}.py", dedent(text).lstrip("\n")) for name, text in texts.items()}
    notebooks = [Notebook(name, source, parse_notebook(source)) for name, source in sources.items()]
    return dict(run_notebooks(root, notebooks, preload, fork=fork, jobs=2, limits=limits, progress=quiet))


def run_one(root: Path, text: str, *preload: str, limits: Limits = PLAIN) -> NotebookRun:
    return run(root, {"n": text}, *preload, limits=limits)["n"]


def outputs(run: NotebookRun) -> list[tuple[str, str]]:
    return [(output.name or output.kind, output.data) for cell in run.cells for output in cell.outputs]
