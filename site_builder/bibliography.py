"""Which work each footnote of the vault describes, and where it is cited. Knows no HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from site_builder.library import Library
from site_builder.names import NoteId
from site_builder.note import Note
from site_builder.parse.comments import FILLER, blank_comments
from site_builder.references import Reference, Work, merge, recognize
from site_builder.text import Span


@dataclass(frozen=True, slots=True)
class Citation:
    """One place that cites a work: a key, a footnote's mark, or the footnote when nothing refers to it."""

    note: NoteId
    reference: str
    label: str
    event: int
    span: Span


@dataclass(frozen=True, slots=True)
class Bibliography:
    """The cited works, one each however many notes cite it, in order of their ids; and every citation.

    `keys` holds the ids of the works that are cited by a key, the keys in lower case.
    """

    references: tuple[Reference, ...]
    citations: tuple[Citation, ...]
    keys: Mapping[str, str]


def build_bibliography(notes: Iterable[Note], library: Library) -> Bibliography:
    """Recognize the works in the notes' footnotes, and merge those that are the same, in the library too."""
    described = [(note, _works(note)) for note in notes]
    merged = merge([*(work for _, works in described for work in works.values()), *library.works.values()])
    keys = {key: merged[work].id for key, work in library.works.items()}
    citations = [each for note, works in described for each in _citations(note, works, merged, keys)]
    cited = {citation.reference for citation in citations}
    references = {reference.id: reference for reference in merged.values() if reference.id in cited}
    known = {key: id_ for key, id_ in keys.items() if id_ in cited}
    return Bibliography(tuple(references[id_] for id_ in sorted(references)), tuple(citations), known)


def _works(note: Note) -> dict[str, Work]:
    """Return the work that each footnote describes, by its label; comments in a footnote are no part of it."""
    works: dict[str, Work] = {}
    for footnote in note.footnotes:
        text = blank_comments(note.source.slice(footnote.span)).replace(FILLER, "")
        inline = text.startswith("^[")
        work = recognize((text[2:-1] if inline else text.partition("]:")[2]).strip())
        if work is not None:
            works.setdefault(footnote.label, work)
    return works


def _citations(
    note: Note, works: Mapping[str, Work], merged: Mapping[Work, Reference], keys: Mapping[str, str]
) -> Iterator[Citation]:
    cited = set()
    for index, (kind, value, start, end) in enumerate(note.events):
        if kind == "footnoteref" and value in works:
            cited.add(value)
            yield Citation(note.id, merged[works[value]].id, value, index, Span(start, end))
        elif kind == "citation":
            for key in (each.key for each in value.works if each.key.lower() in keys):
                yield Citation(note.id, keys[key.lower()], key, index, Span(start, end))
    for footnote in note.footnotes:
        if footnote.label in works and footnote.label not in cited:
            cited.add(footnote.label)
            yield Citation(note.id, merged[works[footnote.label]].id, footnote.label, footnote.first, footnote.span)
