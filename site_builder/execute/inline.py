"""Joins a program and the project's modules that it imports into one namespace, in which each name means one thing.

A name that two files define differently is rewritten in the later one. Imports of the project go, because what they
name is there already. (A name of Python's that the main part binds is bound for the modules too.) Text in, text out:
knows nothing of notebooks or of the disk.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Set
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from site_builder.execute.rewrite import Rewriting
from site_builder.execute.scopes import ImportNode, Names, read_names
from site_builder.text import Source

STAND_IN = "jaxtyping"
"""A package that readers may lack. Its imports go, and the program's beginning must provide what they named."""

Meaning: TypeAlias = tuple[str, str]
"""What a name stands for: the module it comes from and its name there, which is empty for the module itself."""

_MAIN = "__main__"


@dataclass(frozen=True, slots=True)
class Module:
    """A file of the project, and the dotted name by which others import it."""

    name: str
    source: Source

    @property
    def package(self) -> list[str]:
        parts = self.name.split(".")
        return parts if self.source.path.endswith("__init__.py") else parts[:-1]


@dataclass(frozen=True, slots=True)
class _Imported:
    """One name that an import statement binds, and its part of the statement."""

    meaning: Meaning
    local: str
    alias: ast.alias


class Joiner:
    """One program in the making: its modules are added in the order in which they need each other, then its main part.

    `provided`, `futures` and `uses_namespaces` say what the program must begin with.
    """

    def __init__(self, modules: Iterable[Module], main: Iterable[str], reserved: Iterable[str]) -> None:
        """Set aside the names of the main part, which are never rewritten, Python's own and the reserved ones."""
        self.provided: set[str] = set()
        self.futures: set[str] = set()
        self.uses_namespaces = False
        self._project = [module.name for module in modules]
        self._meanings: dict[str, Meaning] = {name: ("builtins", name) for name in (*dir(builtins), *reserved)}
        self._names: dict[Meaning, str] = {}
        self._own: dict[str, list[str]] = {}
        for text in main:
            self._reserve(read_names(text))

    def module(self, module: Module) -> str:
        """Return a module's text, with its names as they are in the joined program."""
        text = Rewriting(module.source.text)
        uses = text.names.uses
        meanings = _meanings(text.names, module)
        own = sorted(name for name, meaning in meanings.items() if meaning == (module.name, name))
        new = {name: self._take(name, meanings[name], module.name, uses.hiding) for name in own}
        for node in uses.imports:
            self._replace_import(text, node, module, new)
        for node in uses.inner_imports:
            self._replace_import(text, node, module, None)
        self._names |= {(module.name, local): name for local, name in new.items()}
        self._own[module.name] = own
        text.rename(new)
        text.take_out_script()
        return text.result()

    def main(self, source: str) -> str:
        """Return a piece of the main part, with what it imported from the project under the names it gave."""
        text = Rewriting(source)
        uses = text.names.uses
        for node in (*uses.imports, *uses.inner_imports):
            self._replace_import(text, node, Module(_MAIN, Source("", source)), None)
        return text.result()

    def _reserve(self, names: Names) -> None:
        for name, meaning in _meanings(names, Module(_MAIN, Source("", ""))).items():
            same = self._meanings.get(name, meaning) == meaning
            self._meanings[name] = meaning if same else (_MAIN, name)

    def _replace_import(self, text: Rewriting, node: ImportNode, module: Module, new: dict[str, str] | None) -> None:
        """Put what an import binds in its place. With `new`, a name may change, and is noted there; else it may not."""
        hiding = text.names.uses.hiding
        lines: list[str] = []
        kept: list[ast.alias] = []
        for imported in _imported(node, module):
            value = self._value(imported.meaning)
            if new is not None and imported.local not in new:
                known = value if value is not None and value.isidentifier() else ""
                seen = known if known == imported.local or known not in hiding else ""
                new[imported.local] = seen or self._take(imported.local, imported.meaning, module.name, hiding)
            local = imported.local if new is None else new[imported.local]
            if value is None:
                kept.append(_renamed(imported, local))
            elif local != value:
                hidden = new is None and value in hiding
                lines.append(f"{local} = globals()[{value!r}]" if hidden else f"{local} = {value}")
        if kept != node.names:
            statement = type(node)(**{**dict(ast.iter_fields(node)), "names": kept})
            text.replace(node, "; ".join([*([ast.unparse(statement)] if kept else []), *lines]))

    def _value(self, meaning: Meaning) -> str | None:
        """Return what gives an imported thing in the joined program; None when its import must stay."""
        origin, name = meaning
        path = ".".join(filter(None, meaning))
        if origin in ("__future__", STAND_IN) and name:
            (self.provided if origin == STAND_IN else self.futures).add(name)
            return name
        if meaning in self._names:
            return self._names[meaning]
        if any(one == path or one.startswith(f"{path}.") for one in self._project):
            self.uses_namespaces = True
            return self._namespace(path)
        return None

    def _namespace(self, path: str) -> str:
        """Return an expression for a module as an object: its own names, and the modules below it so far."""
        parts = [f"{name}={self._names[path, name]}" for name in self._own.get(path, [])]
        below = {one.removeprefix(f"{path}.").partition(".")[0] for one in self._own if one.startswith(f"{path}.")}
        parts += [f"{child}={self._namespace(f'{path}.{child}')}" for child in sorted(below)]
        return f"SimpleNamespace({', '.join(parts)})"

    def _take(self, name: str, meaning: Meaning, module: str, hiding: Set[str]) -> str:
        """Return a name for a meaning: its own where free, or else with the module's, where nothing is hiding that."""
        stem = module.rpartition(".")[2]
        numbered = (f"{name}_{stem}{'' if number == 1 else number}" for number in count(1))
        candidates = (candidate for candidate in numbered if candidate not in hiding)
        while self._meanings.setdefault(name, meaning) != meaning:
            name = next(candidates)
        return name


def _meanings(names: Names, module: Module) -> dict[str, Meaning]:
    """Return what each name of a file's top level stands for: its own unless it is one import and nothing else."""
    meanings: dict[str, Meaning] = {name: (module.name, name) for name in names.bound}
    for node in names.uses.imports:
        for imported in _imported(node, module):
            if meanings.setdefault(imported.local, imported.meaning) != imported.meaning:
                meanings[imported.local] = (module.name, imported.local)
    return meanings


def _imported(node: ImportNode, module: Module) -> list[_Imported]:
    if isinstance(node, ast.ImportFrom):
        package = module.package[: len(module.package) - node.level + 1] if node.level else []
        origin = ".".join([*package, *filter(None, [node.module])])
        return [_Imported((origin, alias.name), alias.asname or alias.name, alias) for alias in node.names]
    roots = [alias.name if alias.asname else alias.name.partition(".")[0] for alias in node.names]
    return [_Imported((root, ""), a.asname or root, a) for root, a in zip(roots, node.names, strict=True)]


def _renamed(imported: _Imported, local: str) -> ast.alias:
    return imported.alias if local == imported.local else ast.alias(imported.alias.name, local)
