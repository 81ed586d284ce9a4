"""What the parts of one page share while it is written. Lives as long as one page's rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from site_builder.names import Anchor, NoteId, SitePath
from site_builder.note import Heading, Note
from site_builder.render.site_view import SiteView
from site_builder.site import TocEntry


@dataclass(slots=True)
class PageState:
    """One page being written: anchors in use, footnotes with their numbers and in their order, the chain of embeds."""

    view: SiteView
    path: SitePath
    used: dict[str, int] = field(default_factory=dict)
    footnotes: dict[tuple[NoteId, str], int] = field(default_factory=dict)
    cited: list[tuple[NoteId, str]] = field(default_factory=list)
    chain: list[tuple[NoteId, str]] = field(default_factory=list)
    embeds: int = 0
    toc: list[TocEntry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scope:
    """The note whose events are being written: the page's own, or one that it embeds."""

    note: Note
    anchors: Mapping[int, Anchor]
    headings: Mapping[int, Heading]
    embedded: bool

    @classmethod
    def own(cls, note: Note) -> Scope:
        """The page's own note: its blocks and headings keep their anchors."""
        anchors = {block.first: block.anchor for block in reversed(note.blocks)}
        return cls(note, anchors, {heading.event: heading for heading in note.headings}, embedded=False)

    @classmethod
    def within(cls, note: Note) -> Scope:
        """A part of a note on a page that is not its own: headings get anchors that are free there."""
        return cls(note, {}, {heading.event: heading for heading in note.headings}, embedded=True)

    @classmethod
    def bare(cls, note: Note) -> Scope:
        """Words of a note without any anchor."""
        return cls(note, {}, {}, embedded=True)
