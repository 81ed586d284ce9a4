"""The stage: models in, manifests and diagnostics out. Runs what is not kept, and keeps what ran well."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from site_builder.cache import Cache, content_key
from site_builder.diagnostics import Diagnostic
from site_builder.execute.checks import recorded_checks
from site_builder.execute.imports import PLAYGROUNDS, SourceTree
from site_builder.execute.job import Limits
from site_builder.execute.kernel_engine import run_in_kernels
from site_builder.execute.keys import environment, run_key
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.models import ModelSource
from site_builder.execute.notebook import parse_notebook
from site_builder.execute.panel_problems import panel_problems
from site_builder.execute.problems import check_problems, run_problems
from site_builder.execute.progress import FromCache, Progress, quiet
from site_builder.execute.results import CellRun, CheckRun, NotebookRun, run_from_json, run_to_json
from site_builder.execute.runner import Notebook, run_notebooks
from site_builder.execute.syntax import read_syntax

Engine: TypeAlias = Literal["process", "kernel"]
"""Where notebooks run: in processes of the runner's, or in Jupyter kernels, which is slower and shows the same."""

_KIND = "runs"
_SLOW = {
    "torch": "torch",
    "matplotlib": "matplotlib.pyplot",
    PLAYGROUNDS: "site_builder.execute.graphs",
}
"""What takes long to import, or leads to it, by what notebooks import: it is imported once for all of them."""


def run_models(
    models: Sequence[ModelSource],
    cache: Cache,
    *,
    root: Path,
    run: bool,
    jobs: int,
    limits: Limits,
    engine: Engine = "process",
    progress: Progress = quiet,
) -> tuple[tuple[ModelManifest, ...], tuple[Diagnostic, ...]]:
    """Run the notebooks of models, `jobs` at once, and join what came of them with the recorded checks.

    A result kept for exactly this source is taken as it is; without `run`, there is no other. A failed run is not
    kept, so it is tried again. The `kernel` engine runs all, each in a Jupyter kernel, and keeps nothing. Models' paths
    are below `root`. Raises CannotRun when the worker itself ends, or a kernel cannot be had.
    """
    tree = SourceTree(root)
    notebooks = {m.name: Notebook(m.name, m.notebook, parse_notebook(m.notebook)) for m in models if m.notebook}
    keys = {name: run_key(tree, one.source, one.cells, limits) for name, one in notebooks.items()}
    if engine == "kernel":
        runs = dict(run_in_kernels(root, list(notebooks.values()), jobs=jobs, limits=limits, progress=progress))
    else:
        runs = _kept(cache, keys, progress)
    if run and (missing := [one for name, one in notebooks.items() if name not in runs]):
        slow = _slow_imports(tree, missing)
        fork = sys.platform == "linux" and environment().device == "cpu"
        for name, done in run_notebooks(root, missing, slow, fork=fork, jobs=jobs, limits=limits, progress=progress):
            runs[name] = done
            if done.status == "ok":
                cache.put(_KIND, {keys[name]: run_to_json(done)})
    manifests = tuple(_manifest(model, notebooks, runs, recorded_checks(cache, tree, model.tests)) for model in models)
    return manifests, tuple(problem for each in manifests for problem in _problems(each, limits))


def _problems(manifest: ModelManifest, limits: Limits) -> Iterator[Diagnostic]:
    yield from run_problems(manifest, limits)
    yield from panel_problems(manifest)
    yield from check_problems(manifest)


def _kept(cache: Cache, keys: Mapping[str, str], progress: Progress) -> dict[str, NotebookRun]:
    runs = {}
    for name, key in keys.items():
        if (kept := cache.get(_KIND, key)) is not None:
            runs[name] = run_from_json(kept)
            progress(FromCache(name))
    return runs


def _slow_imports(tree: SourceTree, notebooks: Sequence[Notebook]) -> tuple[str, ...]:
    files = tree.closure([notebook.source for notebook in notebooks])
    imported = {found.module for file in files for found in read_syntax(file.text).imports}
    imported |= {name.partition(".")[0] for name in imported}
    return tuple(module for name, module in _SLOW.items() if name in imported)


def _manifest(
    model: ModelSource, notebooks: Mapping[str, Notebook], runs: Mapping[str, NotebookRun], checks: CheckRun
) -> ModelManifest:
    cells = notebooks[model.name].cells if model.name in notebooks else ()
    run = runs.get(model.name, NotebookRun("not-run", (CellRun(),) * len(cells)))
    return ModelManifest(model, cells, run, checks, _shown(model, run, checks))


def _shown(model: ModelSource, run: NotebookRun, checks: CheckRun) -> str:
    """Return the hash of all that a page may show: everything but how long it took."""
    files = [(file.path, file.text) if file else ("", "") for file in (model.file, model.tests, model.notebook)]
    outputs = [
        part
        for index, cell in enumerate(run.cells)
        for output in cell.outputs
        for part in (str(index), output.kind, output.name, output.data)
    ]
    results = [run.status, repr(run.failure), *outputs, repr(checks)]
    return content_key(*(part for file in files for part in file), *results)
