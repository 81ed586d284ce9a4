"""Which work each footnote of the vault describes, and where it is cited. Knows no HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from site_builder.names import NoteId
from site_builder.note import Note
from site_builder.parse.comments import FILLER, blank_comments
from site_builder.references import Reference, Work, merge, recognize
from site_builder.text import Span


@dataclass(frozen=True, slots=True)
class Citation:
    """One place that cites a work: a footnote's mark in the text, or the footnote when nothing refers to it."""

    note: NoteId
    reference: str
    label: str
    event: int
    span: Span


@dataclass(frozen=True, slots=True)
class Bibliography:
    """The cited works, one each however many notes cite it, in order of their ids; and every citation."""

    references: tuple[Reference, ...]
    citations: tuple[Citation, ...]


def build_bibliography(notes: Iterable[Note]) -> Bibliography:
    """Recognize the works in the notes' footnotes, and merge those that are the same."""
    described = [(note, _works(note)) for note in notes if note.footnotes]
    merged = merge(work for _, works in described for work in works.values())
    citations = [citation for note, works in described for citation in _citations(note, works, merged)]
    references = {reference.id: reference for reference in merged.values()}
    return Bibliography(tuple(references[id_] for id_ in sorted(references)), tuple(citations))


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


def _citations(note: Note, works: Mapping[str, Work], merged: Mapping[Work, Reference]) -> Iterator[Citation]:
    cited = set()
    for index, (kind, label, start, end) in enumerate(note.events):
        if kind == "footnoteref" and label in works:
            cited.add(label)
            yield Citation(note.id, merged[works[label]].id, label, index, Span(start, end))
    for footnote in note.footnotes:
        if footnote.label in works and footnote.label not in cited:
            cited.add(footnote.label)
            yield Citation(note.id, merged[works[footnote.label]].id, footnote.label, footnote.first, footnote.span)
