"""The process of one page's code: ipykernel, which shows what a build shows. Knows nothing of the server before it."""

from __future__ import annotations

import importlib
import os
import random
import sys
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from IPython.display import display

from site_builder.execute.job import SEED
from site_builder.execute.worker import Figures

_PANEL = '<p class="wt-notice">Its panel stands in <a href="#run">Run it</a>, as it was built.</p>'


def main() -> None:
    """Serve the kernel protocol as the arguments say."""
    os.environ["MPLBACKEND"] = "Agg"
    app = IPKernelApp.instance(connection_file="")
    quiet = ["--HistoryManager.enabled=False", "--log-level=CRITICAL"]  # a kernel that is ended at work would complain
    app.initialize([*sys.argv[1:], *quiet])  # type: ignore[no-untyped-call]
    _seed()
    _show_figures(app.shell)
    app.start()  # type: ignore[no-untyped-call]


def _show_figures(shell: Any) -> None:
    """Show matplotlib's figures as a build does, those that a cell left open too."""
    figures = Figures(f"live-{os.getpid()}")
    formatter = shell.display_formatter.formatters["image/svg+xml"]
    formatter.for_type_by_name("matplotlib.figure", "Figure", figures.svg)
    pages = shell.display_formatter.formatters["text/html"]
    for name in ("Playground", "Generation"):  # exporting one again would only make the same panel
        pages.for_type_by_name("notebook_models.playground", name, lambda _: _PANEL)
    shell.events.register("post_execute", lambda: display(*figures.left_open()))  # type: ignore[no-untyped-call]


def _seed() -> None:
    """Begin where a build begins, so that cells run in their order give what the page shows."""
    random.seed(SEED)
    if find_spec("torch"):
        with suppress(ImportError):
            importlib.import_module("torch").manual_seed(SEED)


if __name__ == "__main__":
    main()
