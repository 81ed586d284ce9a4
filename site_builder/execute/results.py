"""What a run leaves behind: outputs of cells, and checks of tests. Plain values, and how the cache keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

OutputKind: TypeAlias = Literal["stream", "error", "svg", "html", "markdown", "latex", "png", "jpeg", "text", "panel"]
RunStatus: TypeAlias = Literal["ok", "failed", "timeout", "memory", "not-run"]
RICH: Mapping[OutputKind, str] = {
    "svg": "image/svg+xml", "html": "text/html", "markdown": "text/markdown", "latex": "text/latex",
    "png": "image/png", "jpeg": "image/jpeg",
}  # fmt: skip
"""The forms in which a value may show itself, the richest first, and what Jupyter calls each."""

PANEL = "application/vnd.wikitorch.panel+json"
"""What a Jupyter kernel calls a panel."""

CheckOutcome: TypeAlias = Literal["passed", "failed", "skipped"]
CheckStatus: TypeAlias = Literal["passed", "failed", "stale", "missing"]


@dataclass(frozen=True, slots=True)
class Output:
    """One thing that a cell put out. A stream has the name `stdout` or `stderr`.

    A `png` or `jpeg` is base64; a `panel` is what `panel.panel_from_json` reads.
    """

    kind: OutputKind
    data: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class CellRun:
    """What one cell put out, in order. `truncated` says that it put out more than the limit."""

    outputs: tuple[Output, ...] = ()
    seconds: float = 0.0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class CellFailure:
    """Why a run ended early: the cell, counted from 0, and the line of the notebook's file that it was in.

    `error` is one line, such as `ValueError: d_model must be a positive multiple of n_heads`; `traceback` holds the
    frames of the notebook and the project alone, and is empty when the process ended without one.
    """

    cell: int
    line: int
    error: str
    traceback: str


@dataclass(frozen=True, slots=True)
class NotebookRun:
    """One run of a notebook. `cells` has one entry for each of its cells, empty for those that did not run."""

    status: RunStatus
    cells: tuple[CellRun, ...]
    failure: CellFailure | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One test function, all its parameters together.

    `description` is the first line of its docstring, or its name as words; `figures` are what it measured, as
    (name, value); `verifies` are the claims it decides, as `Note Title#^block-id`; `line` is that of its `def`.
    """

    name: str
    description: str
    outcome: CheckOutcome
    figures: tuple[tuple[str, str], ...]
    verifies: tuple[str, ...]
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A model's recorded checks. `stale`, recorded for another source, and `missing` have none to show."""

    status: CheckStatus
    checks: tuple[Check, ...] = ()


def run_to_json(run: NotebookRun) -> dict[str, Any]:
    return asdict(run)


def run_from_json(value: Mapping[str, Any]) -> NotebookRun:
    cells = tuple(
        CellRun(tuple(Output(**output) for output in cell["outputs"]), cell["seconds"], cell["truncated"])
        for cell in value["cells"]
    )
    failure = value["failure"]
    return NotebookRun(value["status"], cells, CellFailure(**failure) if failure else None)


def checks_to_json(checks: tuple[Check, ...]) -> list[dict[str, Any]]:
    return [asdict(check) for check in checks]


def checks_from_json(value: list[Mapping[str, Any]]) -> tuple[Check, ...]:
    return tuple(
        Check(**{**check, "figures": tuple((n, v) for n, v in check["figures"]), "verifies": tuple(check["verifies"])})
        for check in value
    )
