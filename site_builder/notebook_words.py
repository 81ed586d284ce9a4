"""The Markdown cells of the models' notebooks, read as notes, so that they may link, cite and set formulas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from site_builder.cache import content_key
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.notebook import Cell
from site_builder.link import LinkedVault, ResolvedLink
from site_builder.names import FilePath, NoteId
from site_builder.note import Note, SourceFile
from site_builder.parse import parse_note
from site_builder.text import Source

_ROOT = NoteId(FilePath(""))


@dataclass(frozen=True, slots=True)
class NotebookWords:
    """The words of notebooks by model and cell, and the links in them, which start from the vault's root."""

    notes: Mapping[tuple[str, int], Note]
    links: Mapping[NoteId, tuple[ResolvedLink, ...]]


def read_words(models: Iterable[ModelManifest], vault: LinkedVault) -> NotebookWords:
    """Read the Markdown cells of all notebooks."""
    notes = {
        (manifest.model.name, index): parse_note(_file(manifest, cell, index))
        for manifest in models
        for index, cell in enumerate(manifest.cells)
        if cell.kind == "markdown"
    }
    resolved = {
        note.id: tuple(ResolvedLink(note.id, link, vault.index.resolve(_ROOT, link)) for link in note.links)
        for note in notes.values()
    }
    return NotebookWords(notes, resolved)


def _file(manifest: ModelManifest, cell: Cell, index: int) -> SourceFile:
    """Give a cell's words the lines that they have in the notebook, for diagnostics."""
    path = manifest.model.notebook.path if manifest.model.notebook else manifest.model.file.path
    text = "\n" * (cell.line - 1) + cell.source
    return SourceFile(NoteId(FilePath(f"{path}#{index}")), Source(path, text), content_key(text))
