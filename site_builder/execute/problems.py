"""What can be wrong with a model's run and its checks: the rules, and the diagnostics of one model."""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.execute.job import Limits
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.notebook import Cell
from site_builder.execute.panel_problems import PANEL_RULES
from site_builder.execute.results import CellFailure, RunStatus
from site_builder.text import START_OF_FILE, Source, Span

FAILED_CELL = Rule(
    "M001",
    "failed-cell",
    Severity.ERROR,
    """\
A cell of a model's notebook raised an exception, or ended its process. The cells after it were not run.

A page shows what its code does. Code that fails shows nothing, and a reader who takes it away has the same failure.

## Example

    # %% heads
    attention = MultiHeadAttention(d_model=512, n_heads=7)

    error[M001]: cell `heads` fails: ValueError: d_model must be a positive multiple of n_heads, got 512 and 7

## Instead

Correct the cell, or the module that it calls. To show an error on purpose, catch it and print it.
""",
)

TIME_LIMIT = Rule(
    "M002",
    "time-limit",
    Severity.ERROR,
    """\
A notebook was still running when its time was up, and was stopped. The line is the one that it was in.

Every change to a module runs the notebooks that import it, so a slow one makes each build wait; one that never ends
would never let it finish.

## Example

    # %% train
    for step in range(100_000):
        train_step(model, batches)

## Instead

Train once, by a recorded command, into a file of the package's folder `checkpoints/`, and load it in the notebook.
""",
)

OUTPUT_LIMIT = Rule(
    "M003",
    "output-limit",
    Severity.WARNING,
    """\
A cell put out more than a cell may. The page shows the beginning and says that the rest is left out; a picture that
does not fit is left out whole.

Readers load all of a page's outputs with it, on a phone too, and nobody reads ten thousand lines.

## Example

    # %% losses
    for step in range(100_000):
        print(step, loss)

## Instead

Print every hundredth line, draw a curve, or end the cell with the one value that matters.
""",
)

MEMORY_LIMIT = Rule(
    "M009",
    "memory-limit",
    Severity.ERROR,
    """\
A notebook held more memory than the setting `memory_limit` allows, and was stopped. The line is the one that it was in.

Several notebooks run at once, beside all else that the author has open: one that takes the machine's memory would take
the others down with it.

## Example

    # %% attend
    scores = torch.zeros(64, 8, 8192, 8192)

## Instead

Show the same with smaller tensors; hold no graph of gradients that nobody asks for; or raise `memory_limit`, in MB.
""",
)

FAILED_CHECK = Rule(
    "M004",
    "failed-check",
    Severity.ERROR,
    """\
A recorded test of a model failed for the source as it stands.

The page lists each check with its outcome, so that a reader can trust the ones that passed; a site is not published
with one that did not.

## Example

    def test_weights_sum_to_one():
        assert attend(query, key, value).weights.sum(dim=-1).allclose(torch.ones(4))

    error[M004]: check `test_weights_sum_to_one` failed: AssertionError: assert False

## Instead

Correct the model, or the test if it asks for the wrong thing, and record again with `wikitorch models test`.
""",
)

UNRECORDED_CHECKS = Rule(
    "M005",
    "unrecorded-checks",
    Severity.WARNING,
    """\
A model has no tests, or they have not been run to their end since it, or something that it imports, was changed.

"Tested" on a page is a fact about exactly the source that it shows. Results for an earlier source are never shown as
if they were for this one.

## Example

    warning[M005]: the checks of `attention.multi_head` were recorded for another source

## Instead

Run `wikitorch models test`, which records the results of each test file that is run as a whole.
""",
)

NOT_RUN = Rule(
    "M006",
    "not-run",
    Severity.WARNING,
    """\
The site was built without running notebooks, and there is no kept result of this one for the source as it stands. Its
code is on the page, without outputs.

An output of an earlier source would be worse than none: it would look like this code's.

## Example

    wikitorch build --no-run

## Instead

Build without `--no-run`, or run `wikitorch models run` once before.
""",
)

RULES = (FAILED_CELL, TIME_LIMIT, OUTPUT_LIMIT, MEMORY_LIMIT, FAILED_CHECK, UNRECORDED_CHECKS, NOT_RUN, *PANEL_RULES)


def run_problems(manifest: ModelManifest, limits: Limits) -> Iterator[Diagnostic]:
    """Give what is wrong with the run of a model's notebook."""
    model, cells, run = manifest.model, manifest.cells, manifest.run
    notebook = model.notebook
    if notebook is None:
        return
    if run.status == "not-run":
        message = f"the notebook of `{model.name}` was not run for this source"
        yield Diagnostic(NOT_RUN, notebook, START_OF_FILE, message, "build without `--no-run`")
    for index, cell in enumerate(run.cells):
        if cell.truncated:
            message = f"cell `{_name(cells, index)}` puts out more than {limits.output // 1024} KiB"
            yield Diagnostic(OUTPUT_LIMIT, notebook, _line(notebook, cells[index].line), message)
    if run.failure:
        yield _failure(notebook, cells, run.failure, run.status)


def check_problems(manifest: ModelManifest) -> Iterator[Diagnostic]:
    """Give what is wrong with a model's recorded checks."""
    model, run = manifest.model, manifest.checks
    if model.tests is None:
        yield Diagnostic(UNRECORDED_CHECKS, model.file, START_OF_FILE, f"`{model.name}` has no tests")
        return
    unrecorded = {
        "stale": f"the checks of `{model.name}` were recorded for another source",
        "missing": f"no checks of `{model.name}` are recorded",
    }
    if run.status in unrecorded:
        hint = f"run `wikitorch models test {model.name}`"
        yield Diagnostic(UNRECORDED_CHECKS, model.tests, START_OF_FILE, unrecorded[run.status], hint)
    for check in run.checks:
        if check.outcome == "failed":
            message = f"check `{check.name}` failed: {check.message}"
            yield Diagnostic(FAILED_CHECK, model.tests, _line(model.tests, check.line), message)


def _failure(notebook: Source, cells: tuple[Cell, ...], failure: CellFailure, status: RunStatus) -> Diagnostic:
    name, place = _name(cells, failure.cell), _line(notebook, failure.line)
    if status == "timeout":
        hint = "train beforehand, and load a checkpoint"
        return Diagnostic(TIME_LIMIT, notebook, place, f"cell `{name}` was {failure.error}", hint)
    if status == "memory":
        hint = "use smaller tensors, or set `memory_limit` higher"
        return Diagnostic(MEMORY_LIMIT, notebook, place, f"cell `{name}` was {failure.error}", hint)
    return Diagnostic(FAILED_CELL, notebook, place, f"cell `{name}` fails: {failure.error}")


def _name(cells: tuple[Cell, ...], index: int) -> str:
    """Return a cell's name, or its number among the cells, from 1."""
    return cells[index].name or str(index + 1)


def _line(source: Source, number: int) -> Span:
    """Return the span of a line, without its indentation."""
    start, end = source.line_span(number)
    return Span(min(end, start + len(source.line(number)) - len(source.line(number).lstrip())), end)
