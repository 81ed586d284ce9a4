"""What a person means by the name of a concept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from site_builder.graph import ConceptGraph, note_node, tag_node
from site_builder.link import Ambiguous, Found, LinkIndex
from site_builder.names import FilePath, NoteId
from site_builder.near_names import near_names, nearest
from site_builder.note import Note
from site_builder.parse.links import wikilink
from site_builder.text import Span

_NAMED = 3
_NOWHERE = NoteId(FilePath(""))


@dataclass(frozen=True, slots=True)
class Unknown:
    """No node has a name; `near` are the names that it may have meant."""

    name: str
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """The node that a name means; `others` are files that fit as well."""

    node: str
    others: tuple[FilePath, ...] = ()


def find_node(name: str, graph: ConceptGraph, notes: Mapping[NoteId, Note], *, aliases: bool = True) -> Meant | Unknown:
    """Find the node of a name: its id, a note as a wikilink would find it, a wanted note, a model, a reference, a tag.

    `notes` are the published ones: what only others answer to is unknown.
    """
    if name in graph.nodes:
        return Meant(name)
    index = LinkIndex(notes, (), aliases=aliases)
    written = name.strip().removeprefix("[[").removesuffix("]]")
    resolution = index.resolve(_NOWHERE, wikilink(f"[[{written}]]", Span(0, 0)))
    match resolution:
        case Found(file) if note_node(NoteId(file)) in graph.nodes:
            return Meant(note_node(NoteId(file)))
        case Ambiguous(Found(file), candidates):
            return Meant(note_node(NoteId(file)), tuple(each for each in candidates if each != file))
    others = _other_nodes(written)
    return next((Meant(node) for node in others if node in graph.nodes), Unknown(name, _near(written, notes, index)))


def _other_nodes(name: str) -> Iterator[str]:
    yield from (f"{kind}:{name}" for kind in ("wanted", "model", "reference", "attachment"))
    yield tag_node(name.removeprefix("#"))


def _near(name: str, notes: Mapping[NoteId, Note], index: LinkIndex) -> tuple[str, ...]:
    names = near_names(notes.values(), (), index)
    return tuple(target.partition("|")[0] for target in nearest(name, names)[:_NAMED])
