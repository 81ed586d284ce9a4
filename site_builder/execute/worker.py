"""The process that runs notebooks: imports torch once, then forks a child for each. With `graphs` it alone knows torch.

`python -m site_builder.execute.worker` takes a request, one line of JSON, on stdin. Given a notebook's folder, it is
that notebook's process: so it goes where a process cannot be forked, or must not be because CUDA is in use.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from site_builder.execute.job import SEED, Job, Request, request_path
from site_builder.execute.session import Session
from site_builder.execute.supervisor import Process, Start, supervise

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PR_SET_PDEATHSIG = 1  # of Linux
_ID = re.compile(r'(\sid="|href="#|url\(#)')
_PAGE_COLORS = {"#000000": "ink", "#ffffff": "paper", "#b0b0b0": "rule", "#cccccc": "rule"}
_PAGE_COLOR = re.compile(rf"((?:fill|stroke): )({'|'.join(_PAGE_COLORS)})\b")
_STYLE = re.compile(r'\s*<defs>\s*<style type="text/css">\*\{(?P<rules>[^}]*)\}</style>\s*</defs>')


class Forked:
    """A child of this process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        if self._status is None:  # the system tells it once
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status


class Figures:
    """Matplotlib's figures as SVG: transparent, text as text, equal bytes for equal figures. Playgrounds as graphs."""

    def __init__(self, notebook: str) -> None:
        self._name = re.sub(r"\W+", "-", notebook)
        self._count = 0

    def svg(self, value: object) -> str | None:
        """Draw a figure and close it; None for any other value."""
        figure = sys.modules.get("matplotlib.figure")
        if figure is None or not isinstance(value, figure.Figure):
            return None
        self._count += 1
        return _draw(value, f"{self._name}-{self._count}-")

    def panel(self, value: object) -> str | None:
        """Export what a notebook declares as playground; None for any other value."""
        declared = sys.modules.get("notebook_models.playground")
        if declared is None or not isinstance(value, declared.Playground | declared.Generation):
            return None
        from site_builder.execute.graphs import export_panel

        return export_panel(value)

    def left_open(self) -> Iterable[object]:
        """Return pyplot's figures that nobody closed."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        return [] if pyplot is None else [pyplot.figure(number) for number in pyplot.get_fignums()]


def _draw(figure: Figure, name: str) -> str:
    import matplotlib.pyplot

    drawing = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(drawing, format="svg", transparent=True, bbox_inches="tight", metadata=nothing)
    matplotlib.pyplot.close(figure)
    svg = drawing.getvalue()
    return _fit_for_a_page(svg[svg.index("<svg") :].strip(), name)


def _fit_for_a_page(svg: str, name: str) -> str:
    """Make a figure's ids its own, and its style sheet, which would hold for the whole page, a style of its root.

    Matplotlib's own black, white and grays become the page's, so that a figure that nobody colored can be read in the
    dark.
    """
    style = _STYLE.search(svg)
    rules = f"{style['rules']}; " if style else ""
    svg = _STYLE.sub("", svg).replace("<svg ", f'<svg style="{rules}fill: #000000" ', 1)
    svg = _PAGE_COLOR.sub(lambda found: f"{found[1]}var(--wt-{_PAGE_COLORS[found[2]]}, {found[2]})", svg)
    return _ID.sub(rf"\1{name}", svg)


def main(arguments: list[str]) -> None:
    """Run the notebooks of the request on stdin, or the one in a folder."""
    if arguments:
        _end_with_parent()
        request = Request.from_json(request_path(Path(arguments[0])).read_text())
        _preload(request)
        _become(request.jobs[0], request)
    signal.signal(signal.SIGTERM, _end)
    request = Request.from_json(sys.stdin.readline())
    answers = os.dup(1)
    os.dup2(2, 1)  # what an import prints is no answer
    start: Start = _spawn
    if request.fork:
        _preload(request)
        start = partial(_fork, answers)
    with os.fdopen(answers, "w") as lines:
        supervise(request, start, lines)


def _preload(request: Request) -> None:
    gc.disable()  # what an import makes, it keeps
    for name in request.preload:
        with suppress(ImportError):  # the notebook says so itself, at its own import
            importlib.import_module(name)
    if "torch" in request.preload and "torch" in sys.modules:
        import torch

        torch.set_num_threads(1)
    if "matplotlib" in sys.modules:
        import matplotlib

        matplotlib.rcdefaults()  # not what whoever builds has in a matplotlibrc of their own
    gc.freeze()  # nor does the collector look at it later; children go on sharing these pages
    gc.enable()


def _fork(answers: int, job: Job, request: Request) -> Process:
    pid = os.fork()
    if not pid:
        os.close(answers)
        os.setsid()
        _end_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _become(job, request)
    return Forked(pid)


def _end_with_parent() -> None:
    """Have this process killed when its parent is, where the system can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _spawn(job: Job, request: Request) -> Process:
    alone = replace(request, jobs=(job,))
    request_path(Path(job.folder)).write_text(alone.to_json())
    command = [sys.executable, "-m", "site_builder.execute.worker", job.folder]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def _become(job: Job, request: Request) -> NoReturn:
    """Be the process of one notebook, from here to its end."""
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        scratch = Path(job.folder) / "tmp"
        scratch.mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
        _seed()
        Session(job, request.limits, Figures(job.path)).run()
        status = 0
    finally:
        os._exit(status)  # no handlers of the parent's, and no waiting for the notebook's threads


def _seed() -> None:
    random.seed(SEED)
    if "torch" in sys.modules:
        import torch

        torch.manual_seed(SEED)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
