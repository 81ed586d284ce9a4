"""What a result depends on, as one hash: change any of it, and the result is no longer for this source.

A notebook's run depends on its code and the lines it stands on, every project module it imports (in turn), Python,
torch, the kind of device, the seed, how much a cell may put out, and this runner; where it comes to import the
playgrounds, also on what exports and checks their graphs. A test file's checks depend on the
same, and on the conftest files around it. Data files are not traced, except checkpoints: when one of these sources
holds the word `checkpoints`, the folder `checkpoints/` of each package among them counts, byte for byte.
Of the compiler itself only `RUNNER_VERSION` counts.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath

from site_builder.cache import content_key
from site_builder.execute.imports import PLAYGROUNDS, SourceTree, imports
from site_builder.execute.job import SEED, Limits
from site_builder.execute.notebook import Cell
from site_builder.text import Source

RUNNER_VERSION = "2"
"""To be raised when the same notebook or test gives another result because this package changed."""

_EXPORTERS = ("onnx", "onnx-ir", "onnxscript", "onnxruntime")


@dataclass(frozen=True, slots=True)
class Environment:
    """What runs the code: versions, and `cuda` or `cpu`."""

    python: str
    torch: str
    device: str


@cache
def environment() -> Environment:
    """Return what notebooks and tests run on here, without importing torch."""
    torch = _version("torch")
    cuda = "+cpu" not in torch and Path("/dev/nvidiactl").exists()
    return Environment(platform.python_version(), torch, "cuda" if cuda else "cpu")


@cache
def exporters() -> tuple[str, ...]:
    """Return the versions of what a playground's graph is made and checked with."""
    return tuple(f"{name} {_version(name)}" for name in _EXPORTERS)


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def run_key(tree: SourceTree, notebook: Source, cells: Iterable[Cell], limits: Limits) -> str:
    """Return the key of a notebook's run. Its prose does not count, except where it moves the code's lines."""
    code = [part for cell in cells if cell.kind == "code" for part in (str(cell.line), cell.source)]
    modules = [source for source in tree.closure([notebook]) if source != notebook]
    common = _common(tree, [notebook, *modules])
    if any(imports(source, PLAYGROUNDS) for source in (notebook, *modules)):
        common += exporters()
    return content_key("run", *common, str(limits.output), notebook.path, *code, *_texts(modules))


def check_key(tree: SourceTree, tests: Source) -> str:
    """Return the key of a test file's checks."""
    sources = tree.closure([tests, *_conftests(tree, tests)])
    return content_key("checks", *_common(tree, sources), tests.path, *_texts(sources))


def _conftests(tree: SourceTree, tests: Source) -> Iterator[Source]:
    for folder in PurePosixPath(tests.path).parents:
        if conftest := tree.source(str(folder / "conftest.py")):
            yield conftest


def _common(tree: SourceTree, sources: Iterable[Source]) -> list[str]:
    here = environment()
    checkpoints = [part for file in tree.checkpoints(sources) for part in (file.path, file.key)]
    return [RUNNER_VERSION, str(SEED), here.python, here.torch, here.device, *checkpoints]


def _texts(sources: Iterable[Source]) -> list[str]:
    return [part for source in sources for part in (source.path, source.text)]
