"""Both engines show the same: the runner's processes and a Jupyter kernel."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from site_builder.build import model_manifests
from site_builder.execute.job import Limits
from site_builder.execute.kernel_engine import run_in_kernels
from site_builder.execute.models import find_models
from site_builder.execute.notebook import parse_notebook
from site_builder.execute.panel import panels
from site_builder.execute.progress import quiet
from site_builder.execute.results import NotebookRun
from site_builder.execute.runner import Notebook, run_notebooks
from site_builder.text import Source

_ROOT = Path(__file__).parents[2]
_LIMITS = Limits(seconds=120.0)
# A kernel takes longer to start than most notebooks to run. Between them these show all that any notebook does.
_COMPARED = (
    "attention.scaled_dot_product", "attention.causal", "recurrent.rnn", "text.dictionary", "training.dropout",
    "transformer.transformer",
)  # fmt: skip
_HARD = {
    "streams and values": """
        # %%
        import sys
        print("one")
        print("two", file=sys.stderr)
        [1, object()]
        # %%
        display(1, "text")
        2;
        # %%
        class Rich:
            def _repr_markdown_(self): return "**bold**"
            def _repr_latex_(self): return "$x$"
            def _repr_html_(self): return None
        Rich()
        """,
    "figures": """
        # %%
        import matplotlib.pyplot as plt
        figure, axes = plt.subplots()
        axes.plot([1, 2]);
        # %%
        plt.figure(); plt.plot([1]); plt.figure(); plt.plot([2])
        # %%
        figure
        """,
    "an error": """
        # %%
        print("before")
        # %%
        def fail():
            raise ValueError("no luck\\nat all")

        fail()
        # %%
        print("never")
        """,
    "a syntax error": """
        # %%
        1
        # %%
        1 = x
        """,
    "an exit": """
        # %%
        raise SystemExit(3)
        """,
}


@pytest.fixture(scope="module")
def built() -> Mapping[str, NotebookRun]:
    """What the pages of this repository show: run now, or kept for exactly this source. One process at a time."""
    lock = _ROOT / ".wikitorch" / "engines.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        manifests, _ = model_manifests(_ROOT / "mkdocs.yml", run=True)
    return {manifest.model.name: manifest.run for manifest in manifests}


def _in_kernel(notebook: Notebook) -> NotebookRun:
    return dict(run_in_kernels(_ROOT, [notebook], jobs=1, limits=_LIMITS, progress=quiet))[notebook.name]


def _shown(run: NotebookRun) -> list[list[tuple[str, str, str]]]:
    """What each cell put out; of an error only that there was one, for each engine words it in its own way."""
    return [
        [(each.kind, each.name, "" if each.kind == "error" else each.data) for each in cell.outputs]
        for cell in run.cells
    ]


@pytest.mark.parametrize("name", _COMPARED)
def test_a_notebook_shows_the_same_in_both_engines(name: str, built: Mapping[str, NotebookRun]) -> None:
    """Streams, values, figures and playgrounds, byte for byte."""
    models = find_models(_ROOT, "notebook_models", Path("tests/models"))
    [source] = [model.notebook for model in models if model.name == name]
    assert source is not None
    kernel = _in_kernel(Notebook(name, source, parse_notebook(source)))
    assert (kernel.status, kernel.failure) == ("ok", None)
    assert _shown(kernel) == _shown(built[name])


def test_the_notebooks_compared_show_all_that_any_shows(built: Mapping[str, NotebookRun]) -> None:
    """Every kind of output, playground and field, and every folder."""
    assert _kinds(built, _COMPARED) == _kinds(built, [name for name, run in built.items() if run.cells])


def _kinds(built: Mapping[str, NotebookRun], names: Iterable[str]) -> set[str]:
    found = {name.partition(".")[0] for name in names}
    for run in (built[name] for name in names):
        found |= {f"{output.kind} {output.name}" for cell in run.cells for output in cell.outputs}
        for _, panel in panels(run):
            fields = [*panel.form["inputs"], *panel.form["outputs"]]
            found |= {f"panel of {panel.form['kind']}", *(f"field of {field['kind']}" for field in fields)}
    return found


@pytest.mark.parametrize("name", _HARD)
def test_what_is_hard_to_show_is_the_same_in_both_engines(name: str) -> None:
    """Order, semicolons, left-open figures, errors with their line, and an exit."""
    source = Source("hard.py", dedent(_HARD[name]).lstrip("\n"))
    notebook = Notebook(name, source, parse_notebook(source))
    slow = ("matplotlib.pyplot",) if "matplotlib" in source.text else ()
    run = run_notebooks(_ROOT, [notebook], slow, fork=True, jobs=1, limits=_LIMITS, progress=quiet)
    ours, kernel = dict(run)[name], _in_kernel(notebook)
    assert kernel.status == ours.status
    assert _shown(kernel) == _shown(ours)
    if ours.failure and kernel.failure:
        assert (kernel.failure.cell, kernel.failure.line) == (ours.failure.cell, ours.failure.line)
        assert kernel.failure.error.startswith(ours.failure.error)  # of a syntax error IPython says its cell, too
    assert (kernel.failure is None) == (ours.failure is None)


def test_a_cell_that_never_ends_is_stopped_in_a_kernel(tmp_path: Path) -> None:
    """The time limit holds for each cell, not for the kernel's preparation, which takes longer than this one."""
    source = Source("endless.py", "# %%\n1\n\n# %%\nwhile True: pass\n")
    notebook = Notebook("endless", source, parse_notebook(source))
    run = dict(run_in_kernels(tmp_path, [notebook], jobs=1, limits=Limits(seconds=1.0), progress=quiet))["endless"]
    assert run.status == "timeout"
    assert run.failure is not None
    assert (run.failure.cell, run.failure.error) == (1, "still running after 1 s")
