"""Everything a page shows of one model, in one value. Knows nothing of notes or HTML."""

from __future__ import annotations

from dataclasses import dataclass

from site_builder.execute.models import ModelSource
from site_builder.execute.notebook import Cell
from site_builder.execute.results import CheckRun, NotebookRun


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """A model, its notebook's cells with what they put out, and its checks.

    `run.cells[i]` is what `cells[i]` put out. `key` changes whenever anything that a page can show of it does.
    """

    model: ModelSource
    cells: tuple[Cell, ...]
    run: NotebookRun
    checks: CheckRun
    key: str
