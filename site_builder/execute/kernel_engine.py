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
from site_builder.execute.results import PANEL, RICH, CellFailure, CellRun, NotebookRun, Output
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
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    progress(Started(notebook.name))
    started = perf_counter()
    code = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.kind == "code"]
    sources = [_PREPARE.format(path=notebook.source.path), *(cell.source for _, cell in code)]
    new: Any = nbformat.v4
    book = new.new_notebook(cells=[new.new_code_cell(source) for source in sources])
    current = [0]

    def begin(cell: Any, cell_index: int) -> None:
        current[0] = cell_index

    client = NotebookClient(
        book,
        timeout=int(limits.seconds),
        kernel_name="python3",
        resources={"metadata": {"path": str(root)}},
        on_cell_start=begin,
    )
    status, failure = "ok", None
    places = [code[0][0] if code else 0, *(index for index, _ in code)]
    try:
        client.execute(env=_environment())
    except CellTimeoutError:
        status, failure = (
            "timeout",
            _failure(book, current[0], places, notebook, f"still running after {limits.seconds:g} s"),
        )
    except CellExecutionError as error:
        status, failure = "failed", _raised(book, current[0], places, notebook, error)
    except DeadKernelError:
        status, failure = "failed", _failure(book, current[0], places, notebook, "the kernel died")
    runs = dict(zip(places[1:], (_cell_run(cell) for cell in book.cells[1:]), strict=True))
    cells = tuple(runs.get(index, CellRun()) for index in range(len(notebook.cells)))
    progress(Finished(notebook.name, status, perf_counter() - started))  # type: ignore[arg-type]
    return notebook.name, NotebookRun(status, cells, failure)  # type: ignore[arg-type]


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


def _raised(book: Any, current: int, places: list[int], notebook: Notebook, error: Any) -> CellFailure:
    first = str(error.evalue).splitlines()[:1]
    return _failure(book, current, places, notebook, f"{error.ename}: {first[0]}" if first else error.ename)


def _failure(book: Any, current: int, places: list[int], notebook: Notebook, error: str) -> CellFailure:
    """Say where the cell that began last stands, and in which line of it the error was."""
    cell = places[current]
    words = "\n".join(_output(each).data for each in book.cells[current].outputs if each.output_type == "error")
    lines = [int(first or second) for first, second in _LINE.findall(words)]
    return CellFailure(cell, notebook.cells[cell].line + (lines[0] - 1 if lines else 0), error, words)
