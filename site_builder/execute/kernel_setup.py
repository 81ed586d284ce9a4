"""Makes a Jupyter kernel show what the runner shows. Run inside the kernel, before the notebook's first cell."""

from __future__ import annotations

import importlib
import os
import random
import warnings
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from site_builder.execute.job import SEED
from site_builder.execute.results import PANEL
from site_builder.execute.worker import Figures


def prepare(notebook: str, shell: Any) -> None:
    """Show figures, those left open too, and playgrounds as the runner does; begin with the runner's seed."""
    os.environ["MPLBACKEND"] = "Agg"
    figures = Figures(notebook)
    formatters = shell.display_formatter.formatters
    formatters["text/plain"].pprint = False  # a value is its repr, as everywhere else
    warnings.filterwarnings("ignore", message="To exit: use")  # said of every SystemExit
    formatters["image/svg+xml"].for_type_by_name("matplotlib.figure", "Figure", figures.svg)
    bundles = shell.display_formatter.mimebundle_formatter
    for name in ("Playground", "Generation"):
        bundles.for_type_by_name("notebook_models.playground", name, lambda value, **_: {PANEL: figures.panel(value)})

    def show_left_open() -> None:
        from IPython.display import display

        display(*figures.left_open())  # type: ignore[no-untyped-call]

    shell.events.register("post_execute", show_left_open)
    _begin()


def _begin() -> None:
    random.seed(SEED)
    if find_spec("torch"):
        with suppress(ImportError):
            torch: Any = importlib.import_module("torch")
            torch.set_num_threads(1)
            torch.manual_seed(SEED)
    if find_spec("matplotlib"):
        with suppress(ImportError):
            importlib.import_module("matplotlib").rcdefaults()
