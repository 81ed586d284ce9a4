"""Notes embed each other in a circle. The page shows each once, and a link where the circle closes.

## Example

`A.md` holds `![[B]]` and `B.md` holds `![[A]]`.

## Instead

Link one way: `[[A]]`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.link import Place, ResolvedLink, extent
from site_builder.names import NoteId
from site_builder.note import Note
from site_builder.rules.subject import Subject

RULE = Rule("L004", "embed-cycle", Severity.WARNING, __doc__ or "")


class _Part(NamedTuple):
    """A note, or what an embed shows of it; the anchor of the whole note is empty."""

    note: NoteId
    anchor: str


class _Embed(NamedTuple):
    event: int
    link: ResolvedLink
    target: _Part
    place: Place | None


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find embeds that lead back to the part of a note they stand in."""
    notes = subject.vault.notes
    embeds = {id_: tuple(_embeds(note, subject)) for id_, note in notes.items()}
    inside = _parts(notes, embeds)
    nested = [(part, each.target) for part, found in inside.items() for each in found if inside.get(each.target)]
    circle_of = {part: circle for circle in _circles(nested) for part in circle}
    reported: set[tuple[NoteId, int]] = set()
    for part, found in inside.items():
        for each in found:
            circle = circle_of.get(part)
            if circle and each.target in circle and (part.note, each.event) not in reported:
                reported.add((part.note, each.event))
                yield _diagnose(part, each, len(circle), notes[part.note])


def _embeds(note: Note, subject: Subject) -> Iterator[_Embed]:
    resolved = {each.link.span.start: each for each in subject.vault.links[note.id] if each.link.embed}
    for index, (kind, _, start, _) in enumerate(note.events if resolved else ()):
        found = resolved[start].found if kind == "embed" else None
        if found and NoteId(found.file) in subject.vault.notes and not found.lost:
            target = _Part(NoteId(found.file), found.place.anchor if found.place else "")
            yield _Embed(index, resolved[start], target, found.place)


def _parts(
    notes: Mapping[NoteId, Note], embeds: Mapping[NoteId, tuple[_Embed, ...]]
) -> Mapping[_Part, tuple[_Embed, ...]]:
    """Return the embeds in each whole note and in each part that is embedded somewhere."""
    places: dict[_Part, Place | None] = {_Part(id_, ""): None for id_, found in embeds.items() if found}
    places |= {each.target: each.place for found in embeds.values() for each in found}
    inside: dict[_Part, tuple[_Embed, ...]] = {}
    for part, place in places.items():
        found = embeds[part.note]
        first, end = extent(notes[part.note], place) if found else (0, 0)
        events = [each.event for each in found]
        inside[part] = found[bisect_left(events, first) : bisect_left(events, end)]
    return inside


def _circles(nested: Sequence[tuple[_Part, _Part]]) -> Iterable[set[_Part]]:
    """Yield the sets of parts that hold each other. Most vaults nest no embeds."""
    if not nested:
        return
    import networkx  # slow to load

    graph: networkx.DiGraph[_Part] = networkx.DiGraph(nested)
    for circle in networkx.strongly_connected_components(graph):
        if len(circle) > 1 or any(graph.has_edge(part, part) for part in circle):
            yield circle


def _diagnose(part: _Part, embed: _Embed, length: int, note: Note) -> Diagnostic:
    link = embed.link.link
    target = f"`{embed.target.note}{f'#{link.subpath}' if embed.place else ''}`"
    message = f"`{part.note}` embeds {target}, which embeds it in turn" if length > 1 else f"{target} embeds itself"
    return Diagnostic(RULE, note.source, link.span, message, "link to it instead")
