"""Beginnings: a note with its properties, a model with its notebook and its test. Overwrites nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from keyword import iskeyword
from pathlib import Path

from site_builder.diagnostics import CannotRun
from site_builder.names import FilePath, comparable, stem
from site_builder.project import load_project
from site_builder.read import read_vault

_NO_NAME = re.compile(r"[\[\]#^|\\:*?\"<>]")  # a link could not hold it, or a file system
_NOTE = "---\naliases: []\ntags: []\ndescription:\nrequires: []\n---\n\n"
_MODULE = '''"""What it computes, in one line. Knows nothing of what it is used for."""

import torch
from torch import Tensor, nn


class {Name}(nn.Module):
    """`y = g ⊙ x`, one learned factor for each of the d_model features: put your formula here, and its source.

    x is (batch, n, d_model), and so is y.
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.ones(d_model))

    def forward(self, x: Tensor) -> Tensor:
        """Return the product, of the shape of x."""
        return self.factor * x
'''
_NOTEBOOK = """# %% [markdown]
# # {Title}
# The idea in a sentence, then the formula:
#
# $$y = g \\odot x$$

# %% demonstration
import torch

from {package}.{name} import {Name}

torch.manual_seed(0)
{Name}(d_model=4)(torch.randn(1, 2, 4))
"""
_TEST = '''import torch

from {package}.{name} import {Name}


def test_it_begins_as_the_identity() -> None:
    """With its first weights it returns its input."""
    x = torch.randn(2, 3, 4)
    torch.testing.assert_close({Name}(4)(x), x)
'''


def new_note(config: Path, name: str) -> Path:
    """Begin a note, `Name` or `Folder/Name`; return its file.

    Raises CannotRun when a note has the name, since links by it would be ambiguous, or when no note can have it.
    """
    project, _ = load_project(config)
    path = FilePath(f"{name.removesuffix('.md')}.md")
    parts = path.split("/")
    if _NO_NAME.search(path) or any(part.strip(". ") == "" or part.startswith(".") for part in parts):
        raise CannotRun(f'no note can be named {name!r}: leave out []#^|\\:*?"<> and dots at the start')
    files = read_vault(project.vault, project.settings.exclude)
    for present in (file.id for file in files.notes):
        if comparable(stem(present)) == comparable(stem(path)):
            raise CannotRun(f"{present} has this name: links by it would be ambiguous")
    return _write({project.vault / path: _NOTE})[0]


def new_model(config: Path, name: str) -> tuple[Path, ...]:
    """Begin a model, `area.thing`: module, notebook and test, that run and pass; return their files.

    Raises CannotRun when one of them is there, or the name is no dotted name of a module.
    """
    project, _ = load_project(config)
    parts = name.split(".")
    if len(parts) < 2 or any(not part.isidentifier() or iskeyword(part) or part != part.lower() for part in parts):
        raise CannotRun(f"{name!r} names no model: write an area and a module, like attention.multi_head")
    models, tests = project.root / project.settings.models, project.root / project.settings.model_tests
    last = parts[-1]
    words = {
        "Name": last.title().replace("_", ""), "Title": last.replace("_", " ").capitalize(),
        "package": project.settings.models.replace("/", "."), "name": name,
    }  # fmt: skip
    written = _write({
        models.joinpath(*parts).with_suffix(".py"): _MODULE.format_map(words),
        models.joinpath("notebooks", *parts).with_suffix(".py"): _NOTEBOOK.format_map(words),
        tests.joinpath(*parts[:-1], f"test_{last}.py"): _TEST.format_map(words),
    })  # fmt: skip
    for depth in range(len(parts)):
        package = models.joinpath(*parts[:depth], "__init__.py")
        if not package.exists():
            _write({package: f'"""{parts[depth - 1].capitalize() if depth else "Models"}."""\n'})
    return written


def _write(files: Mapping[Path, str]) -> tuple[Path, ...]:
    for path in files:
        if path.exists():
            raise CannotRun(f"{path} is there already")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"cannot write {error.filename}: {error.strerror}") from error
    return tuple(files)
