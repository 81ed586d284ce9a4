"""The works of a .bib file, read one by one, so that a broken one loses only itself. Knows nothing of notes."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from site_builder.references.plain import read_line
from site_builder.references.work import ET_AL, Work

_ENTRY = re.compile(r"^[ \t]*@[ \t]*(\w+)[ \t]*[{(]", re.MULTILINE)
_NO_ENTRY = frozenset(("comment", "preamble"))
_VENUES = ("journal", "journaltitle", "booktitle", "publisher", "school", "institution", "howpublished", "organization")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """A work under its key, and where the entry begins: a code point of the file."""

    key: str
    work: Work
    start: int


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """An entry that cannot be read, where it begins, and why."""

    start: int
    problem: str


def read_bibtex(text: str) -> Iterator[Entry | BrokenEntry]:
    """Yield the entries of a .bib file in order; names that `@string` gives are known from there on."""
    starts = [found for found in _ENTRY.finditer(text) if found[1].lower() not in _NO_ENTRY]
    macros: dict[str, str] = {}
    for first, last in itertools.pairwise([*(found.start() for found in starts), len(text)]):
        yield from _read_entry(text[first:last], first, macros)


def _read_entry(text: str, start: int, macros: dict[str, str]) -> Iterator[Entry | BrokenEntry]:
    from pybtex import errors  # slow to load, and most vaults have no .bib file
    from pybtex.database.input.bibtex import Parser, month_names
    from pybtex.exceptions import PybtexError

    parser = Parser(macros={**month_names, **macros})
    with errors.capture() as problems:
        try:
            entries = parser.parse_string(text).entries
        except PybtexError as error:
            problems.append(error)
            entries = {}
    macros.update(parser.macros)
    if problems:
        yield BrokenEntry(start, str(problems[0]).partition(": ")[2] or str(problems[0]))
        return
    for key, entry in entries.items():
        people = entry.persons.get("author") or entry.persons.get("editor") or ()
        fields = {name.lower(): _plain(value) for name, value in entry.fields.items()}
        yield Entry(key, _work(fields, tuple(_name(person) for person in people)), start)


def _work(fields: Mapping[str, str], authors: tuple[str, ...]) -> Work:
    venue = next((fields[name] for name in _VENUES if fields.get(name)), "") + _issue(fields)
    year = _YEAR.search(fields.get("year") or fields.get("date") or "")
    line = read_line(" ".join(filter(None, (_preprint(fields), venue, fields.get("doi"), fields.get("url")))))
    doi = line.dois[0] if line and line.dois else ""
    arxiv = line.arxivs[0] if line and line.arxivs else ""
    url = line.url if line else ""
    named = "" if arxiv and re.match(r"arxiv|corr\b", venue, re.IGNORECASE) else venue
    return Work(authors, fields.get("title", ""), named, int(year[1]) if year else None, doi, arxiv, url)


def _issue(fields: Mapping[str, str]) -> str:
    """Return where in a journal an article is, as references say it: ` 9(8)`."""
    volume, number = (fields.get(name, "") for name in ("volume", "number"))
    return f" {volume}({number})" if fields.get("journal") and volume and number else ""


def _preprint(fields: Mapping[str, str]) -> str:
    kind = fields.get("archiveprefix") or fields.get("eprinttype") or ""
    return f"arXiv:{fields['eprint']}" if kind.lower() == "arxiv" and fields.get("eprint") else ""


def _name(person: object) -> str:
    if str(person) == "others":
        return ET_AL
    parts = ("first_names", "middle_names", "prelast_names", "last_names", "lineage_names")
    return _plain(" ".join(word for part in parts for word in getattr(person, part)))


def _plain(latex: str) -> str:
    r"""Return LaTeX's letters as themselves: `M{\"u}ller` is Müller; braces only keep capitals."""
    import latexcodec  # noqa: F401  registers the codec

    try:
        text = codecs.lookup("ulatex").decode(latex)[0]  # type: ignore[arg-type]  # a codec from text to text
    except ValueError:
        text = latex
    return " ".join(re.sub(r"[{}]", "", text).replace("~", " ").split())
