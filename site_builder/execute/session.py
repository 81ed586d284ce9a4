"""Runs a notebook's cells in this process, as Jupyter would. Knows nothing of torch, or of the processes around it."""

from __future__ import annotations
import __future__

import ast
import base64
import faulthandler
import linecache
import os
import signal
import sys
import time
import types
from collections.abc import Iterable
from pathlib import Path
from traceback import FrameSummary, StackSummary, TracebackException
from typing import Any, NoReturn, Protocol

from site_builder.execute.capture import Journal
from site_builder.execute.job import CodeCell, Job, Limits, stack_path
from site_builder.execute.results import RICH, OutputKind

_HERE = str(Path(__file__).parent)
_FUTURES = [getattr(__future__, name).compiler_flag for name in __future__.all_feature_names]


class Figures(Protocol):
    """What a session must know of a plotting library, and of playgrounds. A figure that was shown is closed."""

    def svg(self, value: object) -> str | None:
        """Return a figure as SVG; None for a value that is no figure."""

    def panel(self, value: object) -> str | None:
        """Return a playground as a panel; None for a value that is none."""

    def left_open(self) -> Iterable[object]:
        """Return the figures that are still open."""


class Session:
    """One notebook's state."""

    def __init__(self, job: Job, limits: Limits, figures: Figures) -> None:
        self._job = job
        self._figures = figures
        self._journal = Journal(job, limits.output)
        self._main = types.ModuleType("__main__")
        self._main.__dict__["display"] = self.display
        self._flags = 0

    def run(self) -> None:
        """Run the cells until one fails. All that comes of it is in the journal."""
        self._journal.redirect()
        self._prepare()
        if all(self._run_cell(cell) for cell in self._job.cells):
            self._journal.done()

    def display(self, *values: object) -> None:
        """Show values in the way that the last expression of a cell is shown."""
        for value in values:
            if (svg := self._figures.svg(value)) is not None:
                self._journal.show("svg", svg)
            elif (panel := self._figures.panel(value)) is not None:
                self._journal.show("panel", panel)
            else:
                self._journal.show(*_representation(value))

    def _prepare(self) -> None:
        sys.modules["__main__"] = self._main
        linecache.cache[self._job.path] = (len(self._job.text), None, self._job.text.splitlines(True), self._job.path)
        stack = stack_path(self._job).open("w")
        faulthandler.enable(stack, all_threads=False)
        if hasattr(signal, "SIGUSR1"):
            faulthandler.register(signal.SIGUSR1, stack, all_threads=False)  # sent when the time is up
        end_process = os._exit

        def tell_and_end(status: int) -> NoReturn:
            faulthandler.dump_traceback(stack, all_threads=False)
            end_process(status)

        os.__dict__["_exit"] = tell_and_end  # nothing else could say which line ended the process

    def _run_cell(self, cell: CodeCell) -> bool:
        self._journal.begin(cell.index)
        started = time.perf_counter()
        try:
            self._execute(cell)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: whatever it is, the notebook ends here
            self._fail(cell, error)
            return False
        finally:
            if os.getpid() != self._journal.owner:
                os._exit(0)  # a process that the cell forked: it must not run the rest of the notebook again
            self._journal.end(time.perf_counter() - started)
        return True

    def _execute(self, cell: CodeCell) -> None:
        tree = ast.parse(_padded(cell), self._job.path)
        last = tree.body.pop() if tree.body and _is_shown(tree.body[-1], cell) else None
        body = compile(tree, self._job.path, "exec", self._flags, dont_inherit=True)
        self._flags |= sum(flag for flag in _FUTURES if body.co_flags & flag)
        exec(body, self._main.__dict__)
        if isinstance(last, ast.Expr):
            code = compile(ast.Expression(last.value), self._job.path, "eval", self._flags, dont_inherit=True)
            value = eval(code, self._main.__dict__)
            if value is not None:
                self.display(value)
        self.display(*self._figures.left_open())

    def _fail(self, cell: CodeCell, error: BaseException) -> None:
        described = TracebackException.from_exception(error)
        lines = [frame.lineno for frame in described.stack if frame.filename == self._job.path]
        if isinstance(error, SyntaxError) and error.filename == self._job.path:
            lines = [error.lineno]
        _trim(described, self._job.path)
        words = "".join(described.format_exception_only()).splitlines()
        one_line = next((line for line in words if line[:1].strip()), type(error).__name__)
        self._journal.fail(lines[0] or cell.line if lines else cell.line, one_line, "".join(described.format()))


def _padded(cell: CodeCell) -> str:
    """Put a cell's source at its line of the file, so that every traceback tells the right one."""
    return "\n" * (cell.line - 1) + cell.source


def _is_shown(node: ast.stmt, cell: CodeCell) -> bool:
    """Tell whether a cell's last statement is a value to show: an expression with no semicolon after it."""
    if not isinstance(node, ast.Expr):
        return False
    line = cell.source.encode().split(b"\n")[(node.end_lineno or cell.line) - cell.line]
    return not line[node.end_col_offset :].lstrip().startswith(b";")


def _representation(value: object) -> tuple[OutputKind, str]:
    """Return a value in the richest form that it offers, by Jupyter's protocol.

    Source: IPython documentation, "Integrating your objects with IPython", Rich display.
    """
    if not isinstance(value, type):
        bundle = _called(value, "_repr_mimebundle_") or {}
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        for kind, mime in RICH.items():
            data = bundle.get(mime) or _called(value, f"_repr_{kind}_")
            if data is not None:
                data = data[0] if isinstance(data, tuple) else data  # its metadata is nothing to show
                return kind, base64.b64encode(data).decode() if isinstance(data, bytes) else str(data)
    return "text", repr(value)


def _called(value: object, method: str) -> Any:
    found = getattr(value, method, None)
    return found() if callable(found) else None


def _trim(error: TracebackException, notebook: str) -> None:
    """Keep the frames of the notebook and the project, by their paths below the root: where the author can look."""
    error.stack = StackSummary.from_list([frame for frame in error.stack if _place(frame, notebook)])
    for frame in error.stack:
        frame.filename = _place(frame, notebook)
    for other in (error.__cause__, error.__context__, *(error.exceptions or ())):
        if other is not None:
            _trim(other, notebook)


def _place(frame: FrameSummary, notebook: str) -> str:
    """Return where a frame is, below the root; empty when that is no file of the project."""
    path = Path(frame.filename)
    if frame.filename == notebook:
        return notebook
    own = path.is_relative_to(Path.cwd()) and not path.is_relative_to(_HERE) and "site-packages" not in path.parts
    return path.relative_to(Path.cwd()).as_posix() if own else ""
