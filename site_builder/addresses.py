"""Where everything is on the site, and from where readers are sent on to it. Knows no HTML."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from site_builder.names import (
    FilePath,
    NoteId,
    SitePath,
    folder,
    is_below_file,
    page_address,
    site_paths,
    slug,
    unique_anchor,
)
from site_builder.note import Note
from site_builder.references import Reference

BIBLIOGRAPHY = SitePath("references/")
GRAPH_PAGE = SitePath("graph/")
OVERVIEW = SitePath("graph/overview/")
TAGS = SitePath("tags/")

_NO_PART = frozenset(("", ".", ".."))
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|#%]")
_OWN_FILE = re.compile(
    r"(?:graph\.json|references\.(?:bib|json)|sitemap\.xml(?:\.gz)?|404\.html|search/search_index\.json"
    r"|assets/(?:[^/]+/)*[^/]+\.[^/]+|models/[^/]+/[^/]+\.(?:py|ipynb|onnx))/"
)
_PAGE_END = re.compile(r"(?:/index)?\.html?$", re.IGNORECASE)


def written_address(text: str) -> SitePath | None:
    """Return the address that an author wrote, from the site's root; None when no page can be there.

    A slash at its start and end, and `.html`, may be there or not: `/about/team.html` is `about/team/`.
    """
    parts = _PAGE_END.sub("", unicodedata.normalize("NFC", text.strip()).strip("/")).split("/")
    fit = all(part == part.strip() and part not in _NO_PART and not _UNFIT.search(part) for part in parts)
    return SitePath("/".join(parts) + "/") if fit else None


def permalink(note: Note) -> SitePath | None:
    """Return the address that a note asks for with its property `permalink`, if a page can be there."""
    text = note.properties.text("permalink")
    return written_address(text) if text else None


@dataclass(frozen=True, slots=True)
class Addresses:
    """The page of each published note, of each reference by its id, and of each tag in lower case."""

    notes: Mapping[NoteId, SitePath]
    references: Mapping[str, SitePath]
    tags: Mapping[str, SitePath]


def assign_addresses(
    notes: Mapping[NoteId, Note], references: Iterable[Reference], attachments: Collection[str] = ()
) -> Addresses:
    """Give every page an address of its own.

    A note has the one it asks for where that is free, else one made from its path.
    """
    works = {reference.id: SitePath(f"{BIBLIOGRAPHY}{reference.id}/") for reference in references}
    tags = _tag_addresses(tagged_notes(notes.values()))
    taken = (BIBLIOGRAPHY, GRAPH_PAGE, OVERVIEW, TAGS, *works.values(), *tags.values())
    asked = {id_: asked for id_, note in notes.items() if (asked := permalink(note)) and not _OWN_FILE.match(asked)}
    pages = (SitePath(each.removesuffix("index.html")) for each in attachments if each.endswith("/index.html"))
    return Addresses(site_paths(notes, (*taken, *pages), asked, frozenset(attachments)), works, tags)


def tagged_notes(notes: Iterable[Note]) -> Mapping[str, list[NoteId]]:
    """Return the notes under each tag, in lower case; a tag also lists what stands under its children."""
    found: defaultdict[str, set[NoteId]] = defaultdict(set)
    for note in notes:
        for tag in note.tags:
            parts = tag.name.lower().split("/")
            for depth in range(1, len(parts) + 1):
                found["/".join(parts[:depth])].add(note.id)
    return {tag: sorted(found[tag]) for tag in sorted(found)}


def _tag_addresses(tags: Iterable[str]) -> dict[str, SitePath]:
    taken: dict[str, int] = {}
    return {
        tag: SitePath(f"{TAGS}{unique_anchor('/'.join(slug(part) or part for part in tag.split('/')), taken)}/")
        for tag in tags
    }


def redirects(
    notes: Mapping[NoteId, Note], addresses: Mapping[NoteId, SitePath], taken: Set[str]
) -> Mapping[SitePath, NoteId]:
    """Return the addresses that lead on to a note: old ones, its aliases, and what its path alone would give.

    An address that a page or file has is left to it, and one that two notes claim leads to neither.
    """
    claims = [(address, note.id) for note in notes.values() for address in set(_others(note, addresses[note.id]))]
    counts = Counter(address for address, _ in claims)
    return {
        address: id_
        for address, id_ in sorted(claims)
        if counts[address] == 1
        and not {address, f"{address}index.html"} & taken
        and not is_below_file(address, taken)
        and not _OWN_FILE.match(address)
    }


def _others(note: Note, own: SitePath) -> Iterator[SitePath]:
    if own and permalink(note) == own:
        yield SitePath(f"{page_address(note.id)}/")
    for alias in note.aliases:
        path = alias.strip("/") if "/" in alias else "/".join(filter(None, (folder(note.id), alias)))
        yield SitePath(f"{page_address(NoteId(FilePath(f'{path}.md')))}/")
    for text in note.properties.texts("redirect_from"):
        address = written_address(text)
        if address:
            yield address
