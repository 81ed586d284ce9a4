"""A vault that was read up to its concept graph: what the pages and the `graph` commands have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from site_builder.addresses import Addresses
from site_builder.bibliography import Bibliography
from site_builder.execute.manifest import ModelManifest
from site_builder.graph import ConceptGraph, model_node, note_node, reference_node, tag_node
from site_builder.library import Library
from site_builder.link import LinkedVault
from site_builder.names import NoteId, SitePath
from site_builder.note import Block, Note
from site_builder.notebook_words import NotebookWords


@dataclass(frozen=True, slots=True)
class Concepts:
    """`claims` gives the block that each claim of a test names."""

    vault: LinkedVault
    models: Mapping[str, ModelManifest]
    words: NotebookWords
    library: Library
    bibliography: Bibliography
    addresses: Addresses
    claims: Mapping[str, tuple[NoteId, Block]]
    graph: ConceptGraph

    @property
    def urls(self) -> Mapping[str, SitePath]:
        """The page of each node of the graph that has one."""
        return node_urls(self.addresses, model_homes(self.addresses, self.vault.published, self.models))


def model_homes(addresses: Addresses, notes: Mapping[NoteId, Note], models: Collection[str]) -> Mapping[str, SitePath]:
    """Return the page that shows each model: of two notes that name one, the first by path."""
    homes: dict[str, SitePath] = {}
    for id_, path in sorted(addresses.notes.items()):
        name = notes[id_].properties.text("model")
        if name in models:
            homes.setdefault(name, path)
    return homes


def node_urls(addresses: Addresses, homes: Mapping[str, SitePath]) -> Mapping[str, SitePath]:
    """Return the page of each node that has one; `homes` are the models'."""
    return {
        **{note_node(note): path for note, path in addresses.notes.items()},
        **{reference_node(reference): path for reference, path in addresses.references.items()},
        **{tag_node(tag): path for tag, path in addresses.tags.items()},
        **{model_node(model): path for model, path in homes.items()},
    }
