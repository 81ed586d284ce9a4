"""What of a site can be found: its notes with their models, the works that they cite, their tags. Knows no tokens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from site_builder.execute.manifest import ModelManifest
from site_builder.names import TOP, Anchor, NoteId, SitePath
from site_builder.note import Note
from site_builder.notebook_words import CELL
from site_builder.references import Reference, short_citation
from site_builder.render.pages import Contents
from site_builder.render.properties import SHOWN_ELSEWHERE
from site_builder.search.texts import Section, events_text, sections, tidy

_TOLD_ELSEWHERE = SHOWN_ELSEWHERE | {"aliases", "alias"}
_WIKILINK = re.compile(r"!?\[\[(?:[^\[\]\n|]+\|)?([^\[\]\n]+)\]\]")


@dataclass(frozen=True, slots=True)
class Record:
    """A page that can be found, by its names and its words; `links` is how often others link to it."""

    path: SitePath
    title: str
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    sections: tuple[Section, ...]
    links: int = 0


def records(contents: Contents) -> tuple[Record, ...]:
    """Return what can be found, what is linked most first: of equal matches it is shown first."""
    found = (*_notes(contents), *_works(contents), *_tags(contents))
    return tuple(sorted(found, key=lambda record: (-record.links, record.path)))


def _notes(contents: Contents) -> Iterator[Record]:
    links = _incoming(contents)
    for id_, path in contents.addresses.notes.items():
        note = contents.vault.notes[id_]
        manifest = contents.models.get(note.properties.text("model"))
        yield Record(
            path=path,
            title=note.title,
            aliases=_aliases(note),
            tags=tuple(tag.name for tag in note.tags),
            sections=(*_own_words(note), *(_model(manifest, contents) if manifest else ())),
            links=links[id_],
        )


def _aliases(note: Note) -> tuple[str, ...]:
    """Return a note's other names: its aliases, the heading it opens with, and its file's name."""
    lead = (note.lead_heading.text,) if note.lead_heading else ()
    return tuple(dict.fromkeys(name for name in (*note.aliases, *lead, note.name) if name and name != note.title))


def _incoming(contents: Contents) -> Counter[NoteId]:
    """Count the published notes that link to each note."""
    published = contents.addresses.notes
    return Counter(
        target
        for origin in published
        for target in {
            NoteId(each.found.file) for each in contents.links.get(origin, {}).values() if each.found is not None
        }
        if target != origin
    )


def _own_words(note: Note) -> Iterator[Section]:
    description = tidy(note.properties.text("description"))
    if description:
        yield Section(TOP, "", description)
    yield from sections(note)
    properties = tidy(
        "\n".join(
            f"{name}: {words}"
            for name, value in note.properties.values.items()
            if str(name).lower() not in _TOLD_ELSEWHERE and (words := _property(value))
        )
    )
    if properties:
        yield Section(TOP, "", properties)


def _property(value: Any) -> str:
    """Return a property's value as its page shows it, as words."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return _WIKILINK.sub(r"\1", value)
        case int() | float():
            return str(value)
        case list():
            return ", ".join(filter(None, map(_property, value)))
        case dict():
            return ", ".join(f"{name} {words}" for name, each in value.items() if (words := _property(each)))
        case _:
            return ""


def _model(manifest: ModelManifest, contents: Contents) -> Iterator[Section]:
    yield Section(Anchor("code"), "Code", tidy(manifest.model.file.text))
    checks = tidy("\n".join(check.description for check in manifest.checks.checks))
    if checks:
        yield Section(Anchor("checks"), "Checks", checks)
    cells = tidy(
        "\n".join(
            events_text(contents.words[manifest.model.name, index, CELL].events)
            if cell.kind == "markdown"
            else cell.source
            for index, cell in enumerate(manifest.cells)
        )
    )
    if cells:
        yield Section(Anchor("demonstration"), "Demonstration", cells)


def _works(contents: Contents) -> Iterator[Record]:
    for reference in contents.bibliography.references:
        yield _work(reference, contents.addresses.references[reference.id])


def _work(reference: Reference, path: SitePath) -> Record:
    work = reference.work
    said = (short_citation(work), ", ".join(work.authors), work.venue, str(work.year or ""), work.doi, work.arxiv)
    title = work.title or short_citation(work)
    return Record(path, title, (), (), (Section(TOP, "", tidy("\n".join(said))),))


def _tags(contents: Contents) -> Iterator[Record]:
    for tag, path in contents.addresses.tags.items():
        yield Record(path, f"#{tag}", (), (tag,), ())
