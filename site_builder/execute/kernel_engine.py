"""The other engine: each notebook in a Jupyter kernel of its own, by nbclient. Shows what the runner shows, slower.

Limits on memory and output are the runner's alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from time import perf_counter
from typing import Any

from site_builder.diagnostics import CannotRun
from site_builder.execute.job import Limits
from site_builder.execute.journal import merged
from site_builder.execute.progress import Finished, Progress, Started
from site_builder.execute.results import PANEL, RICH, CellFailure, CellRun, NotebookRun, Output, RunStatus
from site_builder.execute.runner import Notebook, with_this_package

_PREPARE = """
from site_builder.execute.kernel_setup import prepare as _prepare
_prepare({path!r}, get_ipython())
del _prepare
"""
_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"Cell In\[\d+\], line (\d+)|^\s*File .*ipykernel.*:(\d+)", re.MULTILINE)


def run_in_kernels(
    root: Path, notebooks: Sequence[Notebook], *, jobs: int, limits: Limits, progress: Progress
) -> Iterator[tuple[str, NotebookRun]]:
    """Run notebooks, `jobs` at once, with `root` as their folder; give runs as they end.

    Raises CannotRun when nbclient or ipykernel is not installed.
    """
    try:
        import ipykernel  # noqa: F401
        import nbclient  # noqa: F401
    except ImportError as error:
        raise CannotRun("the kernel engine needs two packages more: pip install 'wikitorch[live]'") from error
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        running = [pool.submit(_run, root, notebook, limits, progress) for notebook in notebooks]
        for done in as_completed(running):
            yield done.result()


def _run(root: Path, notebook: Notebook, limits: Limits, progress: Progress) -> tuple[str, NotebookRun]:
    progress(Started(notebook.name))
    started = perf_counter()
    code = [index for index, cell in enumerate(notebook.cells) if cell.kind == "code"]
    book = _book(notebook, code)
    status, at, error = _execute(book, root, limits)
    runs = dict(zip(code, (_cell_run(cell) for cell in book.cells[1:]), strict=True))
    cells = tuple(runs.get(index, CellRun()) for index in range(len(notebook.cells)))
    progress(Finished(notebook.name, status, perf_counter() - started))
    places = [code[0] if code else 0, *code]  # an error of the preparation is told at the first cell
    failure = None if status == "ok" else _failure(book.cells[at], places[at], notebook, error)
    return notebook.name, NotebookRun(status, cells, failure)


def _book(notebook: Notebook, code: Sequence[int]) -> Any:
    """Return the code of a notebook as Jupyter takes it, after a cell that prepares the kernel."""
    import nbformat

    new: Any = nbformat.v4
    sources = [_PREPARE.format(path=notebook.source.path), *(notebook.cells[index].source for index in code)]
    return new.new_notebook(cells=[new.new_code_cell(source) for source in sources])


def _execute(book: Any, root: Path, limits: Limits) -> tuple[RunStatus, int, str]:
    """Run all cells; return how it ended, in which of them, and with which error.

    The limit is for the author's cells: to prepare the kernel, which loads torch, takes as long as the machine needs.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    at = 0

    def begin(cell: Any, cell_index: int) -> None:
        nonlocal at
        at = cell_index

    client = NotebookClient(
        book,
        timeout_func=lambda cell: None if cell is book.cells[0] else int(limits.seconds),
        kernel_name="python3",
        resources={"metadata": {"path": str(root)}},
        on_cell_start=begin,
    )
    try:
        client.execute(env=_environment())
    except CellTimeoutError:
        return "timeout", at, f"still running after {limits.seconds:g} s"
    except CellExecutionError as error:
        first = str(error.evalue).splitlines()[:1]
        return "failed", at, f"{error.ename}: {first[0]}" if first else error.ename
    except DeadKernelError:
        return "failed", at, "the kernel died"
    return "ok", at, ""


def _environment() -> dict[str, str]:
    return {**with_this_package(), "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"), "MPLBACKEND": "Agg"}


def _cell_run(cell: Any) -> CellRun:
    return CellRun(tuple(merged([_output(output) for output in cell.outputs])))


def _output(output: Any) -> Output:
    match output.output_type:
        case "stream":
            return Output("stream", output.text, output.name)
        case "error":
            return Output("error", _COLORS.sub("", "\n".join(output.traceback)))
    if PANEL in output.data:
        return Output("panel", output.data[PANEL])
    for kind, mime in RICH.items():
        if mime in output.data:
            data = output.data[mime]
            return Output(kind, data.replace("\n", "") if kind in ("png", "jpeg") else data)
    return Output("text", output.data["text/plain"])


def _failure(cell: Any, index: int, notebook: Notebook, error: str) -> CellFailure:
    """Say where the cell that began last stands, and in which line of it the error was."""
    words = "\n".join(_output(each).data for each in cell.outputs if each.output_type == "error")
    lines = [int(first or second) for first, second in _LINE.findall(words)]
    return CellFailure(index, notebook.cells[index].line + (lines[0] - 1 if lines else 0), error, words)
