"""Where a file uses the names of its own top level: what must be rewritten when one of them gets another name.

Reads the syntax alone, by Python's rules of scope: a name bound in a function hides the module's, one bound in a class
body hides it in that body only. (Not seen: a class body that reads the module's name before it binds its own.)
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

ImportNode: TypeAlias = ast.Import | ast.ImportFrom
Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True, slots=True)
class Uses:
    """The nodes of a file that mean names of its top level; `imports` and `definitions` bind them, `names` use them.

    `inner_imports` stand in functions and classes, and bind names there; `globals` are `global` statements. What a
    function, class or comprehension binds for itself is `hiding` the top level's of that name.
    """

    names: list[ast.Name] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    imports: list[ImportNode] = field(default_factory=list)
    inner_imports: list[ImportNode] = field(default_factory=list)
    globals: list[ast.Global] = field(default_factory=list)
    hiding: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Names:
    """A file's tree, the names that its top level binds by anything but an import, and where it uses all of them."""

    tree: ast.Module
    bound: frozenset[str]
    uses: Uses


@lru_cache(maxsize=1024)
def read_names(text: str) -> Names:
    """Return the names of a file. Raises SyntaxError or ValueError when it is no Python."""
    tree = ast.parse(text)
    visitor = _Visitor()
    visitor.visit(tree)
    made_global = {name for node in visitor.uses.globals for name in node.names}
    return Names(tree, frozenset(_bound_names(tree.body) | made_global), visitor.uses)


def _imported_names(body: Iterable[ast.AST]) -> set[str]:
    imports = [node for node in _in_scope(body) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {alias.asname or alias.name.partition(".")[0] for node in imports for alias in node.names}


def _bound_names(body: Iterable[ast.AST]) -> set[str]:
    """Return the names that statements, but for imports, bind in their own scope, not in a function or class in it."""
    names: set[str] = set()
    outside: set[str] = set()
    for node in _in_scope(body):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.Global() | ast.Nonlocal():
                outside |= set(node.names)
    return names - outside


def _in_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        yield node
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                pass
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                walruses = (inner.target for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
                yield from walruses
            case _:
                yield from _in_scope(ast.iter_child_nodes(node))


class _Visitor(ast.NodeVisitor):
    """Walks a file, knowing at each place which names hide the module's."""

    def __init__(self) -> None:
        self.uses = Uses()
        self._by_functions: frozenset[str] = frozenset()  # hold in everything inside
        self._by_class: frozenset[str] = frozenset()  # hold in the class body's own statements
        self._inside = False

    def visit_Name(self, node: ast.Name) -> None:
        if node.id not in self._by_functions and node.id not in self._by_class:
            self.uses.names.append(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.uses.globals.append(node)

    def visit_Import(self, node: ast.Import) -> None:
        self._import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._import(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all([*node.args.defaults, *node.args.kw_defaults])
        with self._scope(_parameters(node.args)):
            self.visit(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._define(node)
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        with self._scope(set(), _bound_names(node.body) | _imported_names(node.body)):
            self._visit_all(node.body)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._define(node)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        annotations = [argument.annotation for argument in arguments if argument]
        self._visit_all([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, *annotations, node.returns])
        with self._scope(_parameters(node.args) | _bound_names(node.body) | _imported_names(node.body)):
            self._visit_all(node.body)

    def _comprehension(self, node: _Comprehension) -> None:
        self.visit(node.generators[0].iter)  # the first is evaluated outside
        targets = {name for part in node.generators for name in _bound_names([part.target])}
        with self._scope(targets):
            self.generic_visit(node)

    def _define(self, node: Definition) -> None:
        if not self._inside:
            self.uses.definitions.append(node)

    def _import(self, node: ImportNode) -> None:
        (self.uses.inner_imports if self._inside else self.uses.imports).append(node)

    def _visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    @contextmanager
    def _scope(self, names: set[str], class_names: set[str] | None = None) -> Iterator[None]:
        around = self._by_functions, self._by_class, self._inside
        self.uses.hiding.update(names, class_names or ())
        self._by_functions, self._by_class = self._by_functions | names, frozenset(class_names or ())
        self._inside = True
        yield
        self._by_functions, self._by_class, self._inside = around


def _parameters(arguments: ast.arguments) -> set[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {argument.arg for argument in every if argument}
