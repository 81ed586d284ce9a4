"""A file of the project, with all of the project that it imports, as one program in parts."""

from __future__ import annotations

import ast
import base64
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from site_builder.execute.imports import Checkpoint, SourceTree
from site_builder.execute.inline import STAND_IN, Joiner, Module
from site_builder.execute.scopes import read_names
from site_builder.text import Source

CHECKPOINTS_LIMIT = 1_500_000
"""How many bytes of checkpoints a program carries. More stay behind, and it fails where it would load them."""

_RESERVED = ("SimpleNamespace", "_AnyShape", "_folder", "_unpack")
_FIND_FOLDER = """\
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp())  # stands for the project's"""

_UNPACK = '''\
def _unpack(path, text):
    """Write a file of the project, such as a model's trained weights, from text."""
    import base64

    (_folder / path).parent.mkdir(parents=True, exist_ok=True)
    (_folder / path).write_bytes(base64.b64decode(text))'''


class Program:
    """`modules` are (path, text), each after those that it needs; `main` is the main part, where it is given.

    Without one, the file itself is the last of the modules. Raises SyntaxError or ValueError when a file is no Python.
    """

    def __init__(self, tree: SourceTree, file: Source, main: Sequence[str] = ()) -> None:
        needed = [module for module in _in_order(tree, file, set()) if not main or module.source != file]
        joiner = Joiner(needed, main, _RESERVED)
        texts = [(module.source.path, joiner.module(module).strip()) for module in needed]
        self.modules = [(path, _placed(path, text)) for path, text in texts if _says_something(text)]
        self.main = [joiner.main(text).strip() for text in main]
        sources = [file, *(module.source for module in needed)]
        self.beginning = "\n\n".join([*_beginning(joiner), *self._folder(tree, sources)])

    def _folder(self, tree: SourceTree, sources: list[Source]) -> Iterator[str]:
        """Make a folder for what modules look for beside their own file."""
        if any("__file__" in text for _, text in self.modules):
            yield _FIND_FOLDER
            checkpoints = _named(list(tree.checkpoints(sources)), sources)
            if checkpoints and sum(len(file.data) for file in checkpoints) <= CHECKPOINTS_LIMIT:
                yield _UNPACK
                yield from (_packed(file) for file in checkpoints)


def _in_order(tree: SourceTree, file: Source, seen: set[str]) -> Iterator[Module]:
    """Give a file after all the project files that it imports, in turn."""
    seen.add(file.path)
    for path in tree.imported(file):
        source = tree.source(path)
        if source and path not in seen:
            yield from _in_order(tree, source, seen)
    yield Module(file.path.removesuffix(".py").removesuffix("/__init__").replace("/", "."), file)


def _says_something(text: str) -> bool:
    """Tell whether a module is more than a docstring, as a package's own file seldom is."""
    body = read_names(text).tree.body
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)


def _placed(path: str, text: str) -> str:
    """Tell a module that asks where it is."""
    return f'__file__ = str(_folder / "{path}")\n\n{text}' if "__file__" in text else text


def _beginning(joiner: Joiner) -> Iterator[str]:
    if joiner.futures:
        yield f"from __future__ import {', '.join(sorted(joiner.futures))}"
    if joiner.uses_namespaces:
        yield "from types import SimpleNamespace"
    if joiner.provided:
        names = sorted(joiner.provided)
        yield f"""\
try:
    from {STAND_IN} import {", ".join(names)}
except ModuleNotFoundError:  # the shapes in signatures are then for the reader alone

    class _AnyShape:
        def __class_getitem__(cls, shape):
            return shape[0]

    {" = ".join(names)} = _AnyShape"""


def _named(checkpoints: list[Checkpoint], sources: Sequence[Source]) -> list[Checkpoint]:
    """Return the checkpoints whose file names stand in the sources; all, when the names are made up as it runs."""
    named = [file for file in checkpoints if any(PurePosixPath(file.path).name in source.text for source in sources)]
    return named or checkpoints


def _packed(file: Checkpoint) -> str:
    text = base64.b64encode(file.data).decode()
    lines = "\n".join(text[start : start + 120] for start in range(0, len(text), 120))
    return f'_unpack("{file.path}", """\n{lines}\n""")'
