"""Telling a citation from a remark. A false reference is worse than a missed one, so every part has to fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from site_builder.references.authors import read_authors
from site_builder.references.plain import LONGEST, TAKEN, Line, Mark, read_line
from site_builder.references.tail import SENTENCE_END, YEAR, is_known_venue, read_tail
from site_builder.references.work import Work

_YEAR_OR_IDENTIFIER = re.compile(r"1[5-9]\d\d|20\d\d|10\.\d{4}|arxiv|abs/", re.IGNORECASE)
_LEAD_IN = re.compile(
    r"\s*(?:(?:see(?: also)?|cf\.|from|adapted from)\s|(?:source|paper|reference|ref\.|original|read)\s*:)\s*",
    re.IGNORECASE,
)
_DATED = re.compile(rf"[\s,.(\[]{{1,4}}{YEAR}[)\]]*[.,:;]?(?=\s|$)")
_BEFORE_TITLE = re.compile(r"[.,:;)—–]\s*[“\"«„]?\s*$|[“\"«„]\s*$")
_AFTER_INITIAL = re.compile(r"(?:(?<!\w)[^\W\d_]|\b(?:Jr|Sr))\.$")
_SAID_OF_WORKS = re.compile(
    r"\b(?:article|blog|here|link|page|paper|pdf|post|preprint|repository|slides|video|website)\b", re.IGNORECASE
)
_TITLE_OPENERS = re.compile(r"(?:As|Both|He|Here|I|It|Note|See|She|Such|There|These|They|This|Those|We)\b")
_COMMA = re.compile(r"[,(]\s*|\s+(?=\()")
_LONGEST_TITLE = 40
_TRIES = 8  # places tried as the start or the end of a title: citations need few, hostile texts offer hundreds


@dataclass(frozen=True, slots=True)
class _Citation:
    """A reading of the words; `delimited` when the author's markup says where the title is."""

    authors: tuple[str, ...]
    title: str
    venue: str
    year: int | None
    delimited: bool


def recognize(markdown: str) -> Work | None:
    """Return the work that a footnote definition or list item describes, or None for an ordinary remark.

    A work has a year or an identifier (DOI, arXiv), and authors and title or an identifier.
    """
    return _recognize(markdown) if len(markdown) <= LONGEST and _YEAR_OR_IDENTIFIER.search(markdown) else None


@lru_cache(maxsize=16384)
def _recognize(markdown: str) -> Work | None:
    line = read_line(markdown)
    if line is None:
        return None
    identified = bool(line.dois or line.arxivs)
    citation = next((read for read in _readings(line) if identified or _is_sure(read)), None)
    if citation is None:
        if not identified or len(line.dois) > 1 or len(line.arxivs) > 1:
            return None
        citation = _Citation((), "", "", None, delimited=False)
    doi, arxiv = (found[0] if found else "" for found in (line.dois, line.arxivs))
    return Work(citation.authors, citation.title, citation.venue, citation.year, doi, arxiv, line.url)


def _is_sure(read: _Citation) -> bool:
    """Whether words alone, without an identifier, can only be a citation."""
    if not read.authors or read.year is None or not (read.title[:1].isupper() or read.title[:1].isdigit()):
        return False
    if read.delimited:
        return True
    initials = any("." in author for author in read.authors)
    if len(read.authors) == 1 and not initials:
        return " " in read.authors[0] and bool(read.venue)
    return bool(read.venue) or ((initials or len(read.authors) > 2) and len(read.title.split()) > 2)


def _readings(line: Line) -> Iterator[_Citation]:
    lead = _LEAD_IN.match(line.text)
    start = lead.end() if lead else 0
    for mark in line.marks[:_TRIES]:
        yield from _around(line.text, start, mark)
    yield from _plain(line.text[start:].strip(f" {TAKEN}"))


def _around(text: str, start: int, mark: Mark) -> Iterator[_Citation]:
    """Read a title that the author set apart, its authors before or after it."""
    title = _title(text[mark.start : mark.end])
    before, after = text[start : mark.start].strip(' “"«„'), text[mark.end :].lstrip(' ”"»“')
    if not title:
        return
    if before:
        authors, year = _authors_and_year(before) if _BEFORE_TITLE.search(text[start : mark.start]) else (None, None)
        if authors:
            tail = read_tail(after)
            yield _Citation(authors, title, tail.venue, year or tail.year, delimited=True)
    elif mark.end > start:
        yield from _title_first(title, re.sub(r"^[\s,.;:—–-]*(?:by\s+)?", "", after))


def _title_first(title: str, rest: str) -> Iterator[_Citation]:
    for authors, year, after in _after_authors(rest):
        tail = read_tail(after)
        yield _Citation(authors, title, tail.venue, year or tail.year, delimited=True)
        return
    tail = read_tail(rest)
    people, year = _authors_and_year(title)
    if people and (len(people) > 1 or year):
        if tail.whole and not tail.venue and (year or tail.year):
            yield _Citation(people, "", "", year or tail.year, delimited=True)
    elif tail.whole and not _SAID_OF_WORKS.search(title):
        yield _Citation((), title, tail.venue, tail.year, delimited=True)


def _plain(text: str) -> Iterator[_Citation]:
    """Read authors, title and tail parted by nothing but punctuation."""
    for authors, year, rest in _after_authors(text):
        title, tail = _title_and_tail(rest)
        if title:
            read = read_tail(tail)
            if year is None or read.venue or TAKEN in tail:  # "Ba et al. (2016). Dropout is not used." is a remark
                yield _Citation(authors, title, read.venue, year or read.year, delimited=False)
        elif year and not rest.strip(f" .,;:(){TAKEN}"):
            yield _Citation(authors, "", "", year, delimited=False)


def _after_authors(text: str) -> Iterator[tuple[tuple[str, ...], int | None, str]]:
    """Yield the ways to part authors, perhaps with a year, from what follows; the likeliest first."""
    if dated := _DATED.search(text):
        authors = read_authors(text[: dated.start()])
        if authors:
            yield authors, int(dated["year"]), text[dated.end() :].strip()
            return
    for end, after in reversed(list(_boundaries(text))):
        authors = read_authors(text[:end])
        if authors:
            yield authors, None, text[after:].strip()
            return


def _boundaries(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a list of authors may end: at a colon, at the period of an initial, at the first other period."""
    for match in re.finditer(r"[.:]\s+|,\s+(?=[“\"])", text):
        initial = match[0][0] == "." and _AFTER_INITIAL.search(text, max(0, match.start() - 3), match.start() + 1)
        yield match.start(), match.end()
        if not initial:
            return


def _authors_and_year(text: str) -> tuple[tuple[str, ...] | None, int | None]:
    dated = list(_DATED.finditer(text))
    if dated and not text[dated[-1].end() :].strip(" .,:;"):
        return read_authors(text[: dated[-1].start()]), int(dated[-1]["year"])
    return read_authors(text.rstrip(" .,:;—–")), None


def _title_and_tail(text: str) -> tuple[str, str]:
    """Part a title that nothing sets apart from what follows it; an empty title when it has no end."""
    end = _sentence_end(text)
    head, rest = (text[: end.start() + (end["mark"] != ".")], text[end.end() :]) if end else (text, "")
    for comma in list(_COMMA.finditer(head))[-_TRIES:]:
        after = head[comma.end() :]
        tail = read_tail(after)
        if tail.whole and (is_known_venue(tail.venue) or not tail.venue) and (tail.year or TAKEN in after):
            head, rest = head[: comma.start()], f"{after}. {rest}"
            break
    title = _title(head)
    return ("", text) if TAKEN in head or not rest or _TITLE_OPENERS.match(title) else (title, rest)


def _sentence_end(text: str) -> re.Match[str] | None:
    """A question ends a title only when its venue follows at once: `Attention? Attention! A survey. NIPS 2016.`"""
    for end in islice(SENTENCE_END.finditer(text), _TRIES):
        if end["mark"] == "." or read_tail(text[end.end() :]).whole:
            return end
    return None


def _title(text: str) -> str:
    title = " ".join(text.split()).strip(' .,;:“”"«»„*_')
    fits = TAKEN not in title and any(char.isalpha() for char in title) and len(title.split()) <= _LONGEST_TITLE
    return title if fits else ""
