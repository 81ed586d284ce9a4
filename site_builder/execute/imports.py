"""Which files of the project a file imports, directly and in turn. Reads the project's files, each once."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from site_builder.cache import content_key
from site_builder.execute.syntax import Import, read_syntax
from site_builder.text import Source

PLAYGROUNDS = "notebook_models.playground"
"""The module by which a notebook declares what a reader may run."""

_COMPILER = __name__.partition(".")[0]


@dataclass(frozen=True)
class Checkpoint:
    """A file of trained weights, by its path below the root."""

    path: str
    data: bytes

    @cached_property
    def key(self) -> str:
        """A hash of its bytes."""
        return content_key(self.data)


class SourceTree:
    """The project's Python files as they are now, by their paths below the root, with forward slashes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.source = cache(self._read)
        self.imported = cache(self._imported)
        self._folder = cache(self._read_folder)
        self._bases = cache(self._bases_of)
        self._files = cache(self._files_of)

    def closure(self, files: Iterable[Source]) -> tuple[Source, ...]:
        """Return files and every project file that they import, in turn, by path.

        Imports are read from the syntax: those inside functions count, those made by `importlib` are not seen.
        """
        reached: dict[str, Source] = {}
        waiting = list(files)
        while waiting:
            file = waiting.pop()
            if file.path not in reached:
                reached[file.path] = file
                waiting += [source for path in self.imported(file) if (source := self.source(path))]
        return tuple(reached[path] for path in sorted(reached))

    def checkpoints(self, files: Iterable[Source]) -> Iterator[Checkpoint]:
        """Give all in the `checkpoints/` of files' packages, if one of the files holds that word."""
        files = list(files)
        if any("checkpoints" in file.text for file in files):
            for package in sorted({PurePosixPath(file.path).parts[0] for file in files}):
                yield from self._folder(f"{package}/checkpoints")

    def _read_folder(self, path: str) -> tuple[Checkpoint, ...]:
        files = sorted(file for file in (self.root / path).glob("[!.]*") if file.is_file())
        return tuple(Checkpoint(f"{path}/{file.name}", file.read_bytes()) for file in files)

    def _read(self, path: str) -> Source | None:
        """Return one file, or None when there is none."""
        try:
            return Source(path, (self.root / path).read_text(encoding="utf-8", errors="replace"))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def _imported(self, file: Source) -> tuple[str, ...]:
        """Return the paths of the project files that importing this file's own imports would run."""
        modules = {name for imported in read_syntax(file.text).imports for name in _modules(imported, file.path)}
        bases = self._bases(posixpath.dirname(file.path))
        paths = {path for module in modules for base in bases for path in self._files(base, module)}
        return tuple(sorted(paths - {file.path}))

    def _bases_of(self, folder: str) -> tuple[str, ...]:
        """Return the folders that an import may start from: the root, and those around a file that are no packages.

        pytest puts the folders of tests and conftest files on the path, so that tests may share a module.
        """
        if not folder:
            return ("",)
        own = () if self.source(f"{folder}/__init__.py") else (f"{folder}/",)
        return (*own, *self._bases(posixpath.dirname(folder)))

    def _files_of(self, base: str, module: str) -> tuple[str, ...]:
        """Return a module's file, and the `__init__.py` of each package around it, where they are the project's.

        The compiler is no part of the project, not even of its own: no result depends on it, but by its version.
        """
        package, _, name = module.rpartition(".")
        if module.partition(".")[0] == _COMPILER:
            return ()
        folder = base + "".join(f"{part}/" for part in package.split(".") if part)
        if not (self.root / folder).is_dir():
            return ()
        around = [path for path in self._files(base, package) if path.endswith("__init__.py")] if package else []
        own = (f"{folder}{name}.py", f"{folder}{name}/__init__.py")
        return (*around, *(path for path in own if self.source(path) is not None))


def imports(file: Source, module: str) -> bool:
    """Tell whether a file imports a module itself, whoever's it is."""
    return any(module in _modules(imported, file.path) for imported in read_syntax(file.text).imports)


def _modules(imported: Import, path: str) -> Iterator[str]:
    """Give the modules that an import may mean: `from a import b` is `a`, and `a.b` when that is a module."""
    module = imported.module
    if imported.level:
        package = PurePosixPath(path).parts[: -imported.level]
        module = ".".join((*package, *filter(None, [module])))
    if module:
        yield module
    if imported.name:
        yield ".".join(filter(None, [module, imported.name]))
