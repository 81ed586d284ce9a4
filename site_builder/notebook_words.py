"""The Markdown of the models' notebooks, read as notes, so that it may link, cite and set formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from site_builder.cache import content_key
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.notebook import Cell
from site_builder.link import LinkedVault, ResolvedLink
from site_builder.names import FilePath, NoteId
from site_builder.note import Note, SourceFile
from site_builder.parse import parse_note
from site_builder.text import Source

_ROOT = NoteId(FilePath(""))


Place: TypeAlias = tuple[str, int, int]
"""A model, a cell of its notebook, and which output of it; `CELL` for the cell's own words."""

CELL = -1


@dataclass(frozen=True, slots=True)
class NotebookWords:
    """The words of notebooks by their places, and the links in them, which start from the vault's root."""

    notes: Mapping[Place, Note]
    links: Mapping[NoteId, tuple[ResolvedLink, ...]]


def read_words(models: Iterable[ModelManifest], vault: LinkedVault) -> NotebookWords:
    """Read the Markdown cells of all notebooks, and what their code put out as Markdown or LaTeX."""
    notes = {place: parse_note(file) for manifest in models for place, file in _texts(manifest)}
    resolved = {
        note.id: tuple(ResolvedLink(note.id, link, vault.index.resolve(_ROOT, link)) for link in note.links)
        for note in notes.values()
    }
    return NotebookWords(notes, resolved)


def _texts(manifest: ModelManifest) -> Iterator[tuple[Place, SourceFile]]:
    name = manifest.model.name
    for index, cell in enumerate(manifest.cells):
        if cell.kind == "markdown":
            yield (name, index, CELL), _file(manifest, cell, index)
    for index, run in enumerate(manifest.run.cells):
        for number, output in enumerate(run.outputs):
            if output.kind in ("markdown", "latex"):
                path = f"{_path(manifest)}#{index}.{number}"
                text = output.data if output.kind == "markdown" else _as_formula(output.data)
                yield (name, index, number), SourceFile(NoteId(FilePath(path)), Source(path, text), "")


def _as_formula(latex: str) -> str:
    """LaTeX that says itself where its formulas begin is Markdown; an environment alone is one formula."""
    return latex if "$" in latex else f"$$\n{latex.strip()}\n$$"


def _path(manifest: ModelManifest) -> str:
    return manifest.model.notebook.path if manifest.model.notebook else manifest.model.file.path


def _file(manifest: ModelManifest, cell: Cell, index: int) -> SourceFile:
    """Give a cell's words the lines that they have in the notebook, for diagnostics."""
    path = _path(manifest)
    text = "\n" * (cell.line - 1) + cell.source
    return SourceFile(NoteId(FilePath(f"{path}#{index}")), Source(path, text), content_key(text))
