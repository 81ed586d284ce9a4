"""What follows a title in a citation: venue and year, and where they end. Knows nothing of authors."""

from __future__ import annotations

import re
from typing import NamedTuple

from site_builder.references.plain import TAKEN

YEAR = r"(?<![\w.:/–-])(?P<year>1[5-9]\d\d|20\d\d)[a-z]?(?![\w–/-])(?!\.\d)"

SENTENCE_END = re.compile(
    r"(?<!\bvol)(?<!\bno)(?<!\bpp)(?<!\bp)(?<!\bed)(?<!\beds)(?<!\bproc)(?<!\bconf)(?<!\btrans)(?<!\bint)(?<!\bch)(?<!\bsec)"
    r"(?<!\badv)(?<!\bart)(?<!\bvs)(?<!\bcf)(?<!\bal)(?<!\b[A-Z])(?P<mark>[.?!])[”\"’]?\s+",
    re.IGNORECASE,
)

_SENTENCE_OPENERS = """
    a an and as at both but for he her here his how however i it its many more most my no not note our see she some
    such that their there these they this those we what when where which why you your
"""
_OPENERS = frozenset(_SENTENCE_OPENERS.split())
_WORDS_IN_NAMES = "a and at de der des for in la le of on the to und with vol no ed eds pp volume number issue"
_SMALL_WORDS = frozenset(_WORDS_IN_NAMES.split())
_VENUE_WORDS = re.compile(
    r"\b(?:advances|annals|blog|computation|conference|congress|dissertation|foundations|journal|lecture|letters"
    r"|magazine|meeting|nature|preprint|press|proceedings|proc|publishers?|review|science|symposium|systems|technical|thesis|transactions|trans"
    r"|university|workshop)\b",
    re.IGNORECASE,
)
_PLACES = re.compile(
    r"[,;(]?\s*(?:\b(?:pp?|pages?|sec|sect|section|ch|chap|chapter|fig|figure|table|eq|equation|appendix)\b\.?|§+)"
    r"\s*[\dA-Z][\d.]*(?:\s*(?:[-–—,]|and)\s*\d[\d.]*)*\)?",
    re.IGNORECASE,
)
_PAGE_RANGE = re.compile(r"[:,]?\s*\b\d+\s*[–—-]{1,2}\s*\d+\b")
_MONTH = r"(?:\d{1,2}\s+)?(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+(?:\d{1,2},?\s+)?"
_DATED = re.compile(rf"[,(]?\s*(?:\b{_MONTH})?{YEAR}")
_AFTER_YEAR = re.compile(rf"\s*(?:$|[,;:()\[\].{TAKEN}])")
_LEAVINGS = re.compile(
    rf"[{TAKEN}]+|\(\s*[,;.]*\s*\)|\[\s*\]"
    r"|\b(?:available(?: at)?|accessed|retrieved from|online|eprint|preprint,?)\s*(?=[.,:;]|$)",
    re.IGNORECASE,
)


class Tail(NamedTuple):
    """Venue and year; `whole` when nothing of the text was left unread."""

    venue: str
    year: int | None
    whole: bool


def read_tail(text: str) -> Tail:
    """Read venue and year from the sentences after a title, up to the first that is prose."""
    venue, year = "", None
    for segment in segments(text):
        dated, rest = _take_year(_PAGE_RANGE.sub("", _PLACES.sub("", segment)))
        rest = _clean(rest)
        if rest and not is_venue(rest):
            return Tail(venue, year, whole=False)
        venue, year = venue or rest, year or dated
    return Tail(venue, year, whole=True)


def segments(text: str) -> list[str]:
    """Part a text into sentences, without the marks that end them."""
    starts = [0, *(match.end() for match in SENTENCE_END.finditer(text))]
    ends = [*(match.start() for match in SENTENCE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def is_venue(text: str) -> bool:
    """Whether words name a place of publication: capitalized like a name, or with a word such as "journal"."""
    words = re.findall(r"[^\W_]+(?:['’.&-][^\W_]+)*", text)
    if not words or len(words) > 20 or not (text[0].isupper() or text[0].isdigit()):
        return False
    if words[0].lower() in _OPENERS or (len(words) == 1 and words[0].islower()):
        return False
    named = all(word[0].isupper() or word[0].isdigit() or word.lower() in _SMALL_WORDS for word in words)
    return (named and words[-1] not in _SMALL_WORDS) or _VENUE_WORDS.search(text) is not None


def is_known_venue(text: str) -> bool:
    """Whether words can only be a venue: they hold a word such as "journal", or begin with an acronym."""
    return _VENUE_WORDS.search(text) is not None or re.match(r"[A-Z][A-Za-z]*[A-Z]\b", text) is not None


def _take_year(segment: str) -> tuple[int | None, str]:
    """Find a year where citations have it: first, in brackets, or before a comma, an identifier or the end."""
    found = None
    for match in _DATED.finditer(segment):
        before = segment[: match.start()].strip(" ,(").lower()
        if _AFTER_YEAR.match(segment, match.end()) or before in ("", "in"):
            found = match
    if found is None:
        return None, segment
    return int(found["year"]), f"{segment[: found.start()]} {segment[found.end() :].lstrip(')')}"


def _clean(text: str) -> str:
    text = " ".join(_LEAVINGS.sub(" ", text).split())
    text = re.sub(r"\s+(?=[,.;:)])|(?<=\()\s+", "", text)
    text = re.sub(r"^(?:[\s,.;:—–-]|\b[Ii]n:?\s)+|[\s,.;:—–-]+$", "", text)
    return text if text.count("(") == text.count(")") else text.strip("() ")
