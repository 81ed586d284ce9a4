"""Which dialect a note is written in: Obsidian's, CommonMark, or that of MkDocs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rapidfuzz import process

from site_builder.diagnostics import Diagnostic
from site_builder.note import Properties
from site_builder.parse.problems import UNKNOWN_MARKUP
from site_builder.project import MarkdownSettings
from site_builder.read import matches
from site_builder.text import START_OF_FILE, Source

LINK = "wikitorch-link:"
"""Stands, with the byte at which a link begins, for its address until it is known."""

KNOWN = ("obsidian", "commonmark", "mkdocs")


@dataclass(frozen=True, slots=True)
class Dialects:
    """The dialect of each pattern of paths, and how pages in MkDocs' dialect are read."""

    patterns: Mapping[str, str] = field(default_factory=dict)
    markdown: MarkdownSettings = field(default_factory=MarkdownSettings)

    def of(self, path: str, properties: Properties) -> str:
        """Return a note's dialect: that of its property `markup`, else of the first pattern that its path fits."""
        asked = properties.text("markup")
        if asked in KNOWN:
            return asked
        return next((name for pattern, name in self.patterns.items() if matches(path, pattern)), "obsidian")


def find_unknown_markup(properties: Properties, source: Source) -> Iterator[Diagnostic]:
    """Yield a dialect asked for that there is not."""
    asked = properties.text("markup")
    if asked and asked not in KNOWN:
        near = process.extractOne(asked, KNOWN, score_cutoff=60)
        hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(KNOWN[:-1])} and {KNOWN[-1]}"
        span = properties.spans.get("markup", START_OF_FILE)
        yield Diagnostic(UNKNOWN_MARKUP, source, span, f"no markup is called `{asked}`", hint)
