"""Runs notebooks in a worker process and returns what came of them. Imports no torch, and keeps nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import site_builder
from site_builder.diagnostics import CannotRun
from site_builder.execute.job import CodeCell, Ending, Job, Limits, Request
from site_builder.execute.journal import read_run
from site_builder.execute.notebook import Cell
from site_builder.execute.progress import Finished, Progress, Started
from site_builder.execute.results import CellRun, NotebookRun
from site_builder.text import Source

_FIXED = {
    "COLUMNS": "80",
    "LINES": "24",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "TZ": "UTC",
}
"""What a notebook finds in its environment whoever runs it, so that it puts out the same."""

_UNSET = ("FORCE_COLOR", "MATPLOTLIBRC", "PYTHONSTARTUP", "PYTHONUNBUFFERED", "PYTHONWARNINGS")


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook to run, and the name that progress tells."""

    name: str
    source: Source
    cells: tuple[Cell, ...]

    @property
    def code(self) -> tuple[CodeCell, ...]:
        cells = enumerate(self.cells)
        return tuple(CodeCell(i, cell.source, cell.line) for i, cell in cells if cell.kind == "code" and cell.source)


def run_notebooks(
    root: Path,
    notebooks: Sequence[Notebook],
    preload: tuple[str, ...],
    *,
    fork: bool,
    jobs: int,
    limits: Limits,
    progress: Progress,
) -> Iterator[tuple[str, NotebookRun]]:
    """Run notebooks, `jobs` at once, each in a process of its own with `root` as its folder; give runs as they end.

    With `fork` these start from one process that has imported `preload`; without it each imports for itself.
    Raises CannotRun when the worker itself ends: what a notebook does to its own process is a value.
    """
    yield from ((n.name, NotebookRun("ok", (CellRun(),) * len(n.cells))) for n in notebooks if not n.code)
    with tempfile.TemporaryDirectory(prefix="wikitorch-", ignore_cleanup_errors=True) as scratch:
        work = {n.name: _job(n, Path(scratch) / str(i)) for i, n in enumerate(notebooks) if n.code}
        if work:
            request = Request(tuple(work.values()), max(1, jobs), limits, fork, preload)
            by_name = {notebook.name: notebook for notebook in notebooks}
            for ending in _endings(root, request, progress):
                notebook = by_name[ending.job]
                run = read_run(work[ending.job], len(notebook.cells), ending, limits)
                progress(Finished(ending.job, run.status, ending.seconds, _times(notebook, run)))
                yield ending.job, run


def _times(notebook: Notebook, run: NotebookRun) -> tuple[tuple[str, float], ...]:
    cells = zip(notebook.cells, run.cells, strict=True)
    return tuple((f"{notebook.source.path}:{cell.line}", done.seconds) for cell, done in cells if done.seconds)


def _job(notebook: Notebook, folder: Path) -> Job:
    folder.mkdir()
    return Job(notebook.name, notebook.source.path, notebook.source.text, notebook.code, str(folder))


def _endings(root: Path, request: Request, progress: Progress) -> Iterator[Ending]:
    """Have a worker do a request, and give each notebook's ending as it comes."""
    waited_for = len(request.jobs)
    with tempfile.TemporaryFile() as words, _worker(root, request, words) as worker:
        for line in worker.stdout or ():
            match json.loads(line):
                case {"started": str(name)}:
                    progress(Started(name))
                case {"ended": ending}:
                    waited_for -= 1
                    yield Ending(**ending)
            if not waited_for:
                return
        raise CannotRun(_last_words(worker.wait(), words))


@contextmanager
def _worker(root: Path, request: Request, words: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker on a request; it never outlives the block."""
    command = [sys.executable, "-m", "site_builder.execute.worker"]
    pipe = subprocess.PIPE
    kept = {name: value for name, value in with_this_package().items() if name not in _UNSET}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=words, cwd=root, env={**kept, **_FIXED}) as worker:
        try:
            if worker.stdin:
                with suppress(BrokenPipeError), worker.stdin:
                    worker.stdin.write(request.to_json().encode() + b"\n")
            yield worker
        finally:
            worker.terminate()


def with_this_package() -> dict[str, str]:
    """Return the environment for another Python, in which this package can be imported."""
    here = str(Path(site_builder.__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))}


def _last_words(status: int, words: IO[bytes]) -> str:
    words.seek(0)
    lines = words.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f"the worker that runs notebooks ended with status {status}" + (f": {last}" if last else "")
