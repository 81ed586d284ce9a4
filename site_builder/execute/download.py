"""Models as files to take away: a notebook, or a module, with the project's modules that it needs inside it.

They need torch, and matplotlib for pictures, and nothing of the project. The tests execute them in an empty folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from site_builder.cache import content_key
from site_builder.execute.imports import SourceTree
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.models import ModelSource
from site_builder.execute.program import Program

_WIKILINK = re.compile(r"\[\[(?:[^\]|]*\|)?([^\]|]*)\]\]")


def standalone_module(model: ModelSource, tree: SourceTree) -> str | None:
    """Return a model's module with all that it imports from the project; None when some of that is no Python."""
    try:
        program = Program(tree, model.file)
    except (SyntaxError, ValueError):
        return None
    sections = [f"# From {path}\n\n{text}" for path, text in program.modules]
    return "\n\n\n".join(filter(None, [program.beginning, *sections])) + "\n"


def standalone_notebook(manifest: ModelManifest, tree: SourceTree) -> str | None:
    """Return a model's notebook as .ipynb, with all that it imports from the project in cells of its own.

    None when the model has no notebook, or when some of that is no Python.
    """
    notebook = manifest.model.notebook
    if notebook is None:
        return None
    try:
        program = Program(tree, notebook, [cell.source for cell in manifest.cells if cell.kind == "code"])
    except (SyntaxError, ValueError):
        return None
    cells = [_cell(kind, text, number) for number, (kind, text) in enumerate(_cells(manifest, program))]
    return json.dumps(_notebook(cells, gpu="cuda" in notebook.text), indent=1, ensure_ascii=False) + "\n"


def _cells(manifest: ModelManifest, program: Program) -> Iterator[tuple[str, str]]:
    """Give the cells: the notebook's title, what it needs, and then its own."""
    main = iter(program.main)
    own = [(cell.kind, cell.source if cell.kind == "markdown" else next(main)) for cell in manifest.cells]
    if own and own[0][0] == "markdown":
        yield own.pop(0)
    if program.modules or program.beginning:
        yield (
            "markdown",
            "The first cells hold the modules that this notebook uses: run them, and change them as you like.",
        )
    if program.beginning:
        yield "code", program.beginning
    for path, text in program.modules:
        yield "markdown", f"`{path}`"
        yield "code", text
    yield from own


def _cell(kind: str, text: str, number: int) -> dict[str, Any]:
    if kind == "markdown":
        text = _WIKILINK.sub(r"\1", text)  # a link between notes leads nowhere from here: its words stay
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    identity = content_key(str(number), text)[:16]
    return {"cell_type": kind, "id": identity, "metadata": {}, "source": text.splitlines(keepends=True), **code}


def _notebook(cells: list[dict[str, Any]], *, gpu: bool) -> dict[str, Any]:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, **({"accelerator": "GPU"} if gpu else {})}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
