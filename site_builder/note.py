"""The values that parsing gives: a note and the things in it. Knows nothing of other notes.

An event is `(kind, value, start, end)`: what stands between two bytes of the file. A container's events are `name` and
`/name`. They are plain tuples because a large vault has millions of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from site_builder.diagnostics import Diagnostic
from site_builder.names import Anchor, FilePath, NoteId, stem
from site_builder.text import START_OF_FILE, Source, Span

Event: TypeAlias = tuple[str, Any, int, int]

CONTAINERS = frozenset(
    ("paragraph", "heading", "list", "item", "quote", "callout", "callouttitle", "table", "thead", "row", "cell",
     "codeblock", "htmlblock", "footnotedef", "em", "strong", "del", "highlight", "link", "canvas", "canvascard")
)  # fmt: skip
"""The events that an event `/name` ends."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A note's file as it was read: text without byte-order mark, and the hash of its bytes."""

    id: NoteId
    source: Source
    hash: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the vault that is no note."""

    path: FilePath
    size: int


_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class LinkKind(Enum):
    WIKILINK = "wikilink"
    MARKDOWN = "markdown"
    PROPERTY = "property"
    CLAIM = "claim"
    MKDOCS = "mkdocs"
    """A Markdown link in MkDocs' dialect, whose fragment is the id of a heading."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link or embed as written: `[[path#subpath|display]]` or its Markdown equal, with its own address and title."""

    kind: LinkKind
    path: str
    subpath: str
    display: str | None
    embed: bool
    span: Span
    property: str = ""
    address: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: `text` without markup, `source` as written, and where its events begin."""

    level: int
    text: str
    source: str
    anchor: Anchor
    event: int
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """A block that carries a `^id`; its events are `first` up to, not with, `end`."""

    id: str
    anchor: Anchor
    first: int
    end: int
    span: Span


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag without its `#`, as first written."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class FootnoteDefinition:
    """A footnote's text; its events are `first` up to, not with, `end`."""

    label: str
    first: int
    end: int
    span: Span


@dataclass(frozen=True, slots=True)
class CitedKey:
    """A work cited by its key in a .bib file, and the words around it: `see @key, p. 3`."""

    key: str
    before: str
    after: str
    year_only: bool


@dataclass(frozen=True, slots=True)
class Citation:
    """What stands in one pair of brackets; where links have no place, it is not `linked`."""

    works: tuple[CitedKey, ...]
    source: str
    linked: bool = True


@dataclass(frozen=True, slots=True)
class Card:
    """A node of a canvas, `kind` text, file, link or group; its box is in pixels, its color 1 to 6 or `#rrggbb`."""

    id: str
    kind: str
    x: float
    y: float
    width: float
    height: float
    color: str
    label: str


@dataclass(frozen=True, slots=True)
class Connection:
    """An edge of a canvas between two cards; a side that is not given is empty."""

    first: str
    last: str
    from_side: str
    to_side: str
    arrow_at_first: bool
    arrow_at_last: bool
    color: str
    label: str


@dataclass(frozen=True, slots=True)
class Board:
    """What a canvas shows, its corner at (0, 0), in pixels; what its cards hold are the events within its own."""

    cards: tuple[Card, ...]
    connections: tuple[Connection, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Callout:
    """The head of a callout: type in lower case, `fold` is `+`, `-` or empty."""

    type: str
    metadata: str
    fold: str
    titled: bool


@dataclass(frozen=True, slots=True)
class Properties:
    """The YAML at the top of a note, and where it ends. `spans` holds each property's lines.

    Names are spelled as the author does, and looked up without case.
    """

    values: Mapping[str, Any]
    spans: Mapping[str, Span]
    end: int

    def value(self, name: str) -> Any:
        """Return a property's value; None when it is absent."""
        return self.values.get(self._spelled(self.values, name))

    def span(self, name: str) -> Span:
        """Return a property's lines; the start of the file when it is absent."""
        return self.spans.get(self._spelled(self.spans, name), START_OF_FILE)

    @staticmethod
    def _spelled(names: Mapping[str, Any], name: str) -> str:
        return name if name in names else next((each for each in names if each.lower() == name), name)

    def text(self, name: str) -> str:
        """Return a property as one string; empty when it is absent or no text."""
        value = self.value(name)
        return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a property as a list of strings, given as a list or as one string."""
        value = self.value(name)
        items = value if isinstance(value, list) else [value]
        return tuple(str(item) for item in items if isinstance(item, str | int | float) and not isinstance(item, bool))

    def flag(self, name: str) -> bool | None:
        """Return a property as yes or no, written as YAML's or as a word; None when it is neither."""
        return _FLAGS.get(str(self.value(name)).lower())


@dataclass(frozen=True, slots=True)
class Note:
    """One parsed note."""

    id: NoteId
    source: Source
    hash: str
    properties: Properties
    events: tuple[Event, ...]
    headings: tuple[Heading, ...]
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]
    tags: tuple[Tag, ...]
    footnotes: tuple[FootnoteDefinition, ...]
    diagnostics: tuple[Diagnostic, ...]
    markup: str = "obsidian"

    @property
    def name(self) -> str:
        """The file's name without extension, as links write it."""
        return stem(self.id)

    @property
    def title(self) -> str:
        """The note's name for people: property `title`, else the heading it opens with, else the file's name."""
        lead = self.lead_heading
        return self.properties.text("title") or (lead.text if lead else "") or self.name

    @property
    def lead_heading(self) -> Heading | None:
        """The level-one heading that a note opens with; it serves as the page's own."""
        first = self.headings[0] if self.headings else None
        return first if first and first.event == 0 and first.level == 1 else None

    @property
    def aliases(self) -> tuple[str, ...]:
        return self.properties.texts("aliases") or self.properties.texts("alias")

    @property
    def published(self) -> bool:
        return self.properties.flag("publish") is not False and self.properties.flag("draft") is not True
