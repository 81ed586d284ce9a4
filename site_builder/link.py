"""One resolution of every link, embed and citation, before anything is rendered. Knows nothing of HTML."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from site_builder.names import FilePath, NoteId, comparable, folder, heading_key
from site_builder.note import CONTAINERS, Attachment, Block, Event, Heading, Link, LinkKind, Note

Place: TypeAlias = Heading | Block


@dataclass(frozen=True, slots=True)
class Found:
    """The file a link means. `place` is the heading or block in it; `lost` is a subpath that the note does not have."""

    file: FilePath
    place: Place | None = None
    lost: str = ""
    alias: bool = False


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several files fit equally; `chosen` is the one that Obsidian opens."""

    chosen: Found
    candidates: tuple[FilePath, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """No file of the vault fits."""


Resolution: TypeAlias = Found | Ambiguous | Missing


@dataclass(frozen=True, slots=True)
class ResolvedLink:
    """A link of a note, and what it means."""

    origin: NoteId
    link: Link
    resolution: Resolution

    @property
    def found(self) -> Found | None:
        """The file the link leads to, be it one of several."""
        match self.resolution:
            case Found():
                return self.resolution
            case Ambiguous(chosen):
                return chosen
            case Missing():
                return None


class LinkIndex:
    """Every name a link may use, and the files it may mean."""

    def __init__(
        self, notes: Mapping[NoteId, Note], attachments: Iterable[Attachment], *, aliases: bool = True
    ) -> None:
        self._notes = notes
        self._places: dict[FilePath, _Places] = {}
        self._known: dict[str, tuple[list[FilePath], bool]] = {}
        files = sorted([*notes, *(attachment.path for attachment in attachments)])
        self._by_name: defaultdict[str, list[FilePath]] = defaultdict(list)
        for file in files:
            self._by_name[posixpath.basename(comparable(file))].append(file)
        self._by_alias: defaultdict[str, list[FilePath]] = defaultdict(list)
        if aliases:
            for note in sorted(notes.values(), key=lambda note: note.id):
                for alias in dict.fromkeys(comparable(alias) for alias in note.aliases):
                    self._by_alias[alias].append(note.id)

    def resolve(self, origin: NoteId, link: Link) -> Resolution:
        """Say which file, and which place in it, a link of `origin` means."""
        resolution = self._resolve_file(origin, link.path)
        match resolution:
            case Found(file, alias=alias):
                return self._with_place(file, link, alias)
            case Ambiguous(chosen, candidates):
                return Ambiguous(self._with_place(chosen.file, link, chosen.alias), candidates)
            case Missing():
                return resolution

    def shortest(self, file: FilePath) -> str:
        """Return the shortest path that means a file from everywhere: its name, if no other has it; without `.md`."""
        name = posixpath.basename(file)
        alone = len(self._by_name[comparable(name)]) == 1
        return (name if alone else file).removesuffix(".md")

    def _resolve_file(self, origin: NoteId, path: str) -> Resolution:
        if not path:
            return Found(origin)
        candidates, alias = self._candidates(origin, path)
        resolution = _choose(origin, candidates)
        match resolution:
            case Found(file) if alias:
                return Found(file, alias=True)
            case Ambiguous(chosen) if alias:
                return Ambiguous(Found(chosen.file, alias=True), tuple(candidates))
        return resolution

    def _candidates(self, origin: NoteId, path: str) -> tuple[list[FilePath], bool]:
        """Return the files that a path may mean, and whether only by an alias."""
        known = self._known.get(path)
        if known is not None:
            return known
        written = comparable(path)
        if written.startswith(("./", "../")):
            return self._exact(posixpath.normpath(posixpath.join(comparable(folder(origin)), written))), False
        exact = self._exact(written.lstrip("/"), path.lstrip("/"))
        named = exact if exact or written.startswith("/") else self._ending_with(written)
        found = (named, False) if named or written.startswith("/") else (self._by_alias.get(written, []), True)
        self._known[path] = found
        return found

    def _exact(self, written: str, spelled: str = "") -> list[FilePath]:
        """Return the file of a path; of two that differ only by case, the one that is spelled so."""
        for name in _spellings(written):
            files = [file for file in self._by_name.get(posixpath.basename(name), ()) if comparable(file) == name]
            if files:
                return [file for file in files if file in (spelled, f"{spelled}.md")] or files
        return []

    def _ending_with(self, written: str) -> list[FilePath]:
        for name in _spellings(written):
            ending = "/" + name
            files = self._by_name.get(posixpath.basename(name), ())
            fitting = [file for file in files if ("/" + comparable(file)).endswith(ending)]
            if fitting:
                return fitting
        return []

    def _with_place(self, file: FilePath, link: Link, alias: bool) -> Found:
        subpath = link.subpath
        note = self._notes.get(NoteId(file))
        if note is None or not subpath or file.lower().endswith(".base"):  # of a base it names a view
            return Found(file, alias=alias)
        if file not in self._places:
            self._places[file] = _Places(note)
        places = self._places[file]
        place = (places.by_anchor(subpath) if link.kind is LinkKind.MKDOCS else None) or places.find(subpath)
        return Found(file, place, "" if place else subpath, alias)


def _spellings(written: str) -> tuple[str, ...]:
    """A name with an extension is looked up as it is, then as a note's."""
    return (written, f"{written}.md") if "." in posixpath.basename(written) else (f"{written}.md",)


def _choose(origin: NoteId, files: Sequence[FilePath]) -> Resolution:
    if not files:
        return Missing()
    if len(files) == 1:
        return Found(files[0])
    own = folder(origin)
    near = [file for file in files if not own or file.startswith(own + "/")]
    fitting = sorted(near or files, key=lambda file: (len(file), file))
    return Found(fitting[0]) if len(near) == 1 and own else Ambiguous(Found(fitting[0]), tuple(fitting))


def find_place(note: Note, subpath: str) -> Place | None:
    """Find `Heading`, `Heading#Below` or `^block` in a note."""
    return _Places(note).find(subpath)


class _Places:
    """The headings and blocks of one note, by what links call them."""

    def __init__(self, note: Note) -> None:
        self._headings = note.headings
        self._ends = _section_ends(note.headings)
        self._by_event = {heading.event: heading for heading in note.headings}
        self._blocks = {block.id.lower(): block for block in reversed(note.blocks)}
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)
        for index, heading in enumerate(note.headings):
            for key in {heading_key(heading.source), heading_key(heading.text)}:
                self._by_key[key].append(index)

    def find(self, subpath: str) -> Place | None:
        if subpath.startswith("^"):
            block = self._blocks.get(subpath[1:].strip().lower())
            return self._by_event.get(block.first, block) if block else None
        parts = [heading_key(part) for part in subpath.split("#") if part.strip()]
        index = self._below(parts, 0, len(self._headings)) if parts else None
        return None if index is None else self._headings[index]

    def by_anchor(self, anchor: str) -> Heading | None:
        """Find a heading by its id on the page."""
        return next((heading for heading in self._headings if heading.anchor == anchor), None)

    def _below(self, parts: Sequence[str], first: int, end: int) -> int | None:
        """Find a chain of headings among those from `first` to `end`; the first match wins."""
        named = self._by_key.get(parts[0], [])
        for index in named[bisect_left(named, first) : bisect_left(named, end)]:
            found = self._below(parts[1:], index + 1, self._ends[index]) if parts[1:] else index
            if found is not None:
                return found
        return None


def _section_ends(headings: Sequence[Heading]) -> Sequence[int]:
    """Return for each heading the next of the same or a higher level."""
    ends = [len(headings)] * len(headings)
    opened: list[int] = []
    for index, heading in enumerate(headings):
        while opened and headings[opened[-1]].level >= heading.level:
            ends[opened.pop()] = index
        opened.append(index)
    return ends


def extent(note: Note, place: Place | None) -> tuple[int, int]:
    """Return the events that an embed shows: a block, a heading with what is below it, or the whole note."""
    match place:
        case Block(first=first, end=end):
            return first, end
        case Heading(event=event) if event < 0:  # in a page of another dialect, whose parts are not known
            return 0, len(note.events)
        case Heading(event=event, level=level):
            return event, _section_end(note.events, event, level)
        case None:
            return 0, len(note.events)


def _section_end(events: Sequence[Event], first: int, level: int) -> int:
    """Return where the events below a heading end: before the next of its level or higher, or with what it stands in.

    A heading in a list or quotation below it ends nothing.
    """
    depth = 0
    for index in range(first, len(events)):
        kind, value, _, _ = events[index]
        if index > first and kind == "heading" and not depth and int(value["level"][1]) <= level:
            return index
        depth += (kind in CONTAINERS) - (kind[0] == "/")
        if depth < 0:
            return index
    return len(events)


def resolve_links(notes: Mapping[NoteId, Note], index: LinkIndex) -> Mapping[NoteId, tuple[ResolvedLink, ...]]:
    """Resolve every link of every note."""
    return {id_: tuple(_resolved(note, index)) for id_, note in notes.items()}


def _resolved(note: Note, index: LinkIndex) -> Iterator[ResolvedLink]:
    return (ResolvedLink(note.id, link, index.resolve(note.id, link)) for link in note.links)


@dataclass(frozen=True, slots=True)
class LinkedVault:
    """All notes of a vault, published or not, with every link resolved."""

    notes: Mapping[NoteId, Note]
    published: Mapping[NoteId, Note]
    attachments: Mapping[FilePath, Attachment]
    index: LinkIndex
    links: Mapping[NoteId, tuple[ResolvedLink, ...]]


def link_vault(notes: Iterable[Note], attachments: Iterable[Attachment], *, aliases: bool) -> LinkedVault:
    """Resolve every link of a vault."""
    by_id = {note.id: note for note in notes}
    files = {attachment.path: attachment for attachment in attachments}
    index = LinkIndex(by_id, files.values(), aliases=aliases)
    published = {id_: note for id_, note in by_id.items() if note.published}
    return LinkedVault(by_id, published, files, index, resolve_links(by_id, index))
