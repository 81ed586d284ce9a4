"""The works that the vault's .bib files hold, by their keys. Knows nothing of who cites them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from site_builder.diagnostics import Diagnostic, Related, Rule, Severity
from site_builder.references import Work
from site_builder.references.bibtex import BrokenEntry, read_bibtex
from site_builder.text import Source, Span

BROKEN_ENTRY = Rule(
    "G004",
    "broken-entry",
    Severity.ERROR,
    """An entry of a .bib file cannot be read, or has a key that an earlier entry has. Notes that cite it cite
nothing; the other entries count.

## Example

    @article{vaswani2017, title = {Attention Is All You Need

## Instead

    @article{vaswani2017, title = {Attention Is All You Need}}
""",
)


@dataclass(frozen=True, slots=True)
class Library:
    """Works by key, keys in lower case."""

    works: Mapping[str, Work]

    def find(self, key: str) -> Work | None:
        return self.works.get(key.lower())


def read_library(files: Iterable[Source]) -> tuple[Library, tuple[Diagnostic, ...]]:
    """Read the vault's .bib files; of two entries with one key the first counts."""
    places: dict[str, tuple[Source, Span]] = {}
    works: dict[str, Work] = {}
    problems: list[Diagnostic] = []
    for file in files:
        for entry in read_bibtex(file.text):
            place = _first_line(file, entry.start)
            if isinstance(entry, BrokenEntry):
                hint = "check its braces, quotation marks and commas"
                problems.append(
                    Diagnostic(BROKEN_ENTRY, file, place, f"this entry cannot be read: {entry.problem}", hint)
                )
            elif entry.key.lower() in works:
                first = Related(*places[entry.key.lower()], "the first one is here")
                problems.append(
                    Diagnostic(BROKEN_ENTRY, file, place, f"the key `{entry.key}` is taken", "rename it", (first,))
                )
            else:
                works[entry.key.lower()], places[entry.key.lower()] = entry.work, (file, place)
    return Library(works), tuple(problems)


def _first_line(file: Source, start: int) -> Span:
    begin = len(file.text[:start].encode())
    return Span(begin, begin + len(file.text[start:].partition("\n")[0].rstrip().encode()))
