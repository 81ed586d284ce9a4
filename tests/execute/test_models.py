"""Finding models, their parts, and what they import."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from site_builder.execute.models import find_models
from site_builder.text import Source
from tests.execute.conftest import Project

REPOSITORY = Path(__file__).parents[2]
MODELS = find_models(REPOSITORY, "notebook_models", Path("tests/models"))


def test_a_concept_is_a_module_with_a_notebook_or_tests(project: Project) -> None:
    """A module with a notebook or a test of its stem is a model; helpers, packages and private files are none."""
    project.write(
        {
            "models/__init__.py": '"""Models."""',
            "models/plotting.py": "def line(): ...",
            "models/_private.py": "",
            "models/area/__init__.py": "",
            "models/area/second.py": '"""The second.\n\nMore."""\n',
            "models/area/first.py": '"""The first."""',
            "models/top.py": "",
            "models/notebooks/area/first.py": "# %%\n1",
            "models/notebooks/_private.py": "# %%\n1",
            "models/notebooks/top.py": "# %%\n1",
            "tests/models/area/test_second.py": "def test_it(): ...",
        }
    )
    first, second, top = project.models()
    assert [model.name for model in (first, second, top)] == ["area.first", "area.second", "top"]
    assert (first.summary, first.tests, first.notebook and first.notebook.path) == (
        "The first.",
        None,
        "models/notebooks/area/first.py",
    )
    assert (second.summary, second.tests and second.tests.path, second.notebook) == (
        "The second.",
        "tests/models/area/test_second.py",
        None,
    )


def test_uses_are_the_modules_it_imports_itself(project: Project) -> None:
    """Absolute and relative imports count, wherever they stand; what those import in turn does not."""
    project.write(
        {
            "models/__init__.py": "",
            "models/a/__init__.py": "",
            "models/a/one.py": "from models.a import two\nimport torch\n",
            "models/a/two.py": "from . import three\nfrom ..b.four import five as six\n",
            "models/a/three.py": "def f():\n    import models.b.four\n",
            "models/b/four.py": "",
            "models/notebooks/a/one.py": "",
            "models/notebooks/a/two.py": "",
            "models/notebooks/a/three.py": "",
        }
    )
    uses = {model.name: model.uses for model in project.models()}
    assert uses == {"a.one": ("a.two",), "a.two": ("a.three", "b.four"), "a.three": ("b.four",)}


def test_a_module_that_does_not_parse_is_still_found(project: Project) -> None:
    """A syntax error leaves a model without summary and symbols: running it tells where the error is."""
    project.write({"models/broken.py": "def (:", "models/notebooks/broken.py": ""})
    (model,) = project.models()
    assert (model.name, model.summary, model.uses, model.symbols) == ("broken", "", (), ())


def test_symbols_are_classes_functions_and_methods(project: Project) -> None:
    """Each has its kind, the line of its `def`, and a span that begins with its decorators."""
    text = """\
        import functools

        @functools.cache
        def plain(): return 'é'

        class Outer:
            @property
            def value(self) -> int:
                def local(): ...
                return 1

            class Inner:
                async def later(self): ...
        """
    project.write({"models/m.py": text, "models/notebooks/m.py": ""})
    (model,) = project.models()
    assert [(symbol.name, symbol.kind, symbol.line) for symbol in model.symbols] == [
        ("plain", "function", 4),
        ("Outer", "class", 6),
        ("Outer.value", "method", 8),
        ("Outer.Inner", "class", 12),
        ("Outer.Inner.later", "method", 13),
    ]
    assert model.file.slice(model.symbols[0].span) == "@functools.cache\ndef plain(): return 'é'"
    assert model.file.slice(model.symbols[2].span).startswith("    @property\n    def value")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_symbols_span_is_that_symbol(model: object) -> None:
    """In every model of this repository, each symbol's span is a whole definition of its last name."""
    file: Source = model.file  # type: ignore[attr-defined]
    for symbol in model.symbols:  # type: ignore[attr-defined]
        (node,) = ast.parse(dedent(file.slice(symbol.span))).body
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        assert node.name == symbol.name.rpartition(".")[2]
