"""What a rule may look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from site_builder.addresses import Addresses
from site_builder.execute.manifest import ModelManifest
from site_builder.library import Library
from site_builder.link import LinkedVault, ResolvedLink
from site_builder.note import Note
from site_builder.notebook_words import NotebookWords
from site_builder.render.math import Typeset


@dataclass(frozen=True, slots=True)
class Subject:
    """A linked vault, its models, the words of their notebooks, which link as notes do, and where all is shown."""

    vault: LinkedVault
    models: Mapping[str, ModelManifest]
    words: NotebookWords
    formulas: Typeset
    library: Library
    addresses: Addresses

    @property
    def texts(self) -> Iterator[tuple[Note, tuple[ResolvedLink, ...]]]:
        """Every text an author wrote, with its links."""
        yield from ((note, self.vault.links[id_]) for id_, note in self.vault.notes.items())
        yield from ((note, self.words.links[note.id]) for note in self.words.notes.values())
