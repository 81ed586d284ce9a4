"""What a Python file says of itself, by its syntax alone. Runs nothing, and knows nothing of models or tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

SymbolKind: TypeAlias = Literal["class", "function", "method"]
_DefNode: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Definition:
    """A class, function or method: its dotted name, its lines with decorators, and the line of `def` or `class`."""

    name: str
    kind: SymbolKind
    first_line: int
    last_line: int
    line: int


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name as written: `from ..a import b` is level 2, module `a`, name `b`; `import a.b` has no name."""

    module: str
    name: str
    level: int
    line: int


@dataclass(frozen=True, slots=True)
class Syntax:
    """What is known of a file without running it; empty when it does not parse."""

    summary: str = ""
    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()


@lru_cache(maxsize=4096)
def read_syntax(text: str) -> Syntax:
    """Return what Python source defines and imports. A syntax error gives an empty answer: running it tells where."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return Syntax()
    summary = next(iter((ast.get_docstring(tree) or "").splitlines()), "")
    return Syntax(summary, tuple(_definitions(tree.body, "")), tuple(_imports(tree)))


def _definitions(body: list[ast.stmt], owner: str) -> Iterator[Definition]:
    for node in body:
        match node:
            case ast.ClassDef():
                yield _definition(node, "class", owner)
                yield from _definitions(node.body, f"{owner}{node.name}.")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield _definition(node, "method" if owner else "function", owner)


def _definition(node: _DefNode, kind: SymbolKind, owner: str) -> Definition:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return Definition(f"{owner}{node.name}", kind, first, node.end_lineno or node.lineno, node.lineno)


def _imports(tree: ast.Module) -> Iterator[Import]:
    for node in _statements(tree):
        match node:
            case ast.Import():
                yield from (Import(alias.name, "", 0, node.lineno) for alias in node.names)
            case ast.ImportFrom():
                module = node.module or ""
                yield from (Import(module, alias.name, node.level, node.lineno) for alias in node.names)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Walk statements only: imports stand nowhere inside an expression, and expressions are most of a file."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield child
            yield from _statements(child)
