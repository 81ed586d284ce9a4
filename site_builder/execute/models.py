"""The package of models on disk: each concept's module, notebook and tests. Knows nothing of running them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from site_builder.execute.imports import SourceTree
from site_builder.execute.syntax import Definition, SymbolKind, read_syntax
from site_builder.text import Source, Span

NOTEBOOKS = "notebooks"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A class, function or method: `MultiHeadAttention.forward`. `span` is whole lines, decorators included."""

    name: str
    kind: SymbolKind
    span: Span
    line: int


@dataclass(frozen=True, slots=True)
class ModelSource:
    """One concept: `attention.multi_head` is its module's path below the package, as notes write it.

    `summary` is the first line of the module's docstring; `uses` are the modules of the package that it imports itself.
    """

    name: str
    file: Source
    tests: Source | None
    notebook: Source | None
    summary: str
    uses: tuple[str, ...]
    symbols: tuple[Symbol, ...]


def find_models(root: Path, package: str, tests: Path) -> tuple[ModelSource, ...]:
    """Return the models of a package, by name: its modules that have a notebook or a test of the same stem.

    `root` is the folder that holds the package, `tests` the folder whose subfolders mirror it, absolute or below root.
    A module without either (a plotting helper) is no concept, though others may import it.
    """
    tree = SourceTree(root)
    tests_path = (root / tests).relative_to(root).as_posix()
    found = (_model(tree, package, tests_path, module) for module in _modules(root / package))
    return tuple(sorted((model for model in found if model), key=lambda model: model.name))


def _modules(package: Path) -> Iterator[PurePosixPath]:
    for file in package.rglob("*.py"):
        module = PurePosixPath(file.relative_to(package).as_posix())
        if module.parts[0] != NOTEBOOKS and not any(part.startswith(("_", ".")) for part in module.parts):
            yield module


def _model(tree: SourceTree, package: str, tests: str, module: PurePosixPath) -> ModelSource | None:
    notebook = tree.source(f"{package}/{NOTEBOOKS}/{module}")
    test = tree.source(f"{tests}/{module.with_name(f'test_{module.name}')}")
    file = tree.source(f"{package}/{module}")
    if file is None or not (notebook or test):
        return None
    syntax = read_syntax(file.text)
    return ModelSource(
        name=".".join(module.with_suffix("").parts),
        file=file,
        tests=test,
        notebook=notebook,
        summary=syntax.summary,
        uses=_uses(tree, package, file),
        symbols=tuple(_symbol(file, definition) for definition in syntax.definitions),
    )


def _uses(tree: SourceTree, package: str, file: Source) -> tuple[str, ...]:
    below = [path.removeprefix(f"{package}/") for path in tree.imported(file) if path.startswith(f"{package}/")]
    return tuple(path.removesuffix(".py").replace("/", ".") for path in below if not path.endswith("__init__.py"))


def _symbol(file: Source, definition: Definition) -> Symbol:
    span = Span(file.line_span(definition.first_line).start, file.line_span(definition.last_line).end)
    return Symbol(definition.name, definition.kind, span, definition.line)
