"""What running the models costs: python benchmarks/running.py [MKDOCS_YML]

Each notebook in a cold run of all on one core; all on two; the stage when nothing changed; how many notebooks run again
when one module is changed by a comment, beside how many depend on it; and, with --kernel, each in a Jupyter kernel.
Works on a copy of the project, so nothing that is kept there is lost.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from site_builder.cache import Cache, open_cache
from site_builder.compile import run_project_models
from site_builder.execute.imports import SourceTree
from site_builder.execute.job import Limits
from site_builder.execute.models import ModelSource, find_models
from site_builder.execute.progress import Event, Finished, Progress, quiet
from site_builder.execute.stage import Engine, run_models
from site_builder.project import Project, load_project

LIMITS = Limits(seconds=300.0)
RUNS = 5


def main(config: Path, *, kernel: bool) -> None:
    """Print the figures of a project."""
    with _copy(config) as project:
        models = [model for model in find_models(project.root, project.settings.models, Path("-")) if model.notebook]
        print(
            f"{'all':34} {_seconds(lambda: _run(project, models, progress=_print_seconds)):6.2f} s, cold, on one core"
        )
        print(f"{'all':34} {_seconds(lambda: _run(project, models, jobs=2)):6.2f} s, cold, on two cores")
        if kernel:
            for model in models:
                seconds = _seconds(lambda model=model: _run(project, [model], engine="kernel"))
                print(f"{model.name:34} {seconds:6.2f} s, in a Jupyter kernel")
        _changes(project)


def _changes(project: Project) -> None:
    with open_cache(project.cache) as cache:
        run_project_models(project, cache, run=True)
        again = statistics.median(_seconds(lambda: run_project_models(project, cache, run=True)) for _ in range(RUNS))
        print(f"{'nothing changed':34} {again:6.3f} s, the whole stage, median of {RUNS}")
        for name in ("attention.masks", "transformer.positional_encoding", "transformer.residual", "plotting"):
            file = project.root / project.settings.models / f"{name.replace('.', '/')}.py"
            if file.exists():
                dependants = _dependants(project, file)
                file.write_text(file.read_text() + "\n# changed\n")
                ran: list[str] = []
                run_project_models(project, cache, run=True, progress=lambda event, ran=ran: _note(event, ran))
                right = "exactly these" if sorted(ran) == sorted(dependants) else f"NOT {sorted(dependants)}"
                print(f"{name + ' changed':34} {len(ran):3} of the notebooks ran again, {right}")


def _dependants(project: Project, file: Path) -> list[str]:
    """Return the models whose notebook comes to import a file, by the imports themselves."""
    tree = SourceTree(project.root)
    path = file.relative_to(project.root).as_posix()
    models = find_models(project.root, project.settings.models, Path("-"))
    return [m.name for m in models if m.notebook and path in {each.path for each in tree.closure([m.notebook])}]


def _print_seconds(event: Event) -> None:
    if isinstance(event, Finished):
        print(f"{event.model:34} {event.seconds:6.2f} s, of them")


def _note(event: Event, ran: list[str]) -> None:
    if isinstance(event, Finished):
        ran.append(event.model)


def _run(
    project: Project,
    models: Sequence[ModelSource],
    *,
    jobs: int = 1,
    engine: Engine = "process",
    progress: Progress = quiet,
) -> None:
    cache = Cache(None)
    run_models(models, cache, root=project.root, run=True, jobs=jobs, limits=LIMITS, engine=engine, progress=progress)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _copy(config: Path) -> Iterator[Project]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        ignored = shutil.ignore_patterns(".*", "site", "node_modules", "bundle")
        shutil.copytree(config.resolve().parent, root, ignore=ignored)
        yield load_project(root / config.name)[0]


if __name__ == "__main__":
    arguments = [each for each in sys.argv[1:] if each != "--kernel"]
    main(Path(arguments[0] if arguments else "mkdocs.yml"), kernel="--kernel" in sys.argv)
