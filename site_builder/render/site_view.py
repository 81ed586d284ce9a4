"""What rendering may look at: everything that earlier stages decided, and nothing it could change."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from site_builder.link import ResolvedLink
from site_builder.names import TOP, Anchor, FilePath, NoteId, SitePath, relative_url
from site_builder.note import Note
from site_builder.render.citations import CitedWork
from site_builder.render.code import Listing
from site_builder.render.math import Typeset

LinkTable = Mapping[int, ResolvedLink]
"""The links of one note by the byte at which they begin."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address and a place there, ready to be linked from any page."""

    path: SitePath
    anchor: Anchor = TOP

    def url(self, page: SitePath) -> str:
        """Return the link from a page."""
        return relative_url(page, self.path, self.anchor)


@dataclass(frozen=True, slots=True)
class SiteView:
    """The whole site as rendering sees it; published notes have a path, others have none."""

    notes: Mapping[NoteId, Note]
    titles: Mapping[NoteId, str]
    links: Mapping[NoteId, LinkTable]
    paths: Mapping[NoteId, SitePath]
    tags: Mapping[str, SitePath]
    formulas: Typeset
    listings: Mapping[Listing, str]
    place_model: Callable[[str, SitePath], str | None]
    verdicts: Mapping[tuple[NoteId, str], str]
    works: Mapping[str, CitedWork]
    strict_line_breaks: bool = False
    trust_html: bool = False

    def title(self, note: NoteId) -> str:
        return self.titles[note]

    def published(self, file: FilePath) -> bool:
        """Whether a file's words may appear on the site: a published note, or an attachment."""
        note = NoteId(file)
        return note in self.paths or note not in self.notes

    def target(self, file: FilePath, anchor: Anchor = TOP) -> Target:
        """Return where a published file is on the site."""
        return Target(self.paths.get(NoteId(file), attachment_path(file)), anchor)


def attachment_path(file: FilePath) -> SitePath:
    """Return where an attachment is published: under the path that it has in the vault."""
    return SitePath(posixpath.normpath(file))
