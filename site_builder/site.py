"""What compiling gives: the pages and files of a site, and what is wrong with the vault. Knows nothing of MkDocs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from site_builder.diagnostics import Diagnostic
from site_builder.graph import ConceptGraph
from site_builder.names import Anchor, FilePath, NoteId, SitePath


@dataclass(frozen=True, slots=True)
class TocEntry:
    """One line of a page's contents: inline HTML, where it leads, and what stands below it."""

    html: str
    anchor: Anchor
    level: int
    children: tuple[TocEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `html` is all that stands between the site's header and footer.

    `note` is the note it shows, or None for a page that the compiler adds.
    """

    path: SitePath
    note: NoteId | None
    title: str
    description: str
    html: str
    toc: tuple[TocEntry, ...]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A compiled vault. `files` are written as they are; `attachments` are copied from the vault."""

    pages: tuple[Page, ...]
    attachments: tuple[FilePath, ...]
    files: Mapping[SitePath, str | bytes]
    graph: ConceptGraph
    diagnostics: tuple[Diagnostic, ...]
