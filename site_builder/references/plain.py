"""A citation's Markdown as one line of plain text: emphasis, links and quotes marked, identifiers taken out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from site_builder.parse.markdown import read_events

LONGEST = 2000
"""Code points of Markdown; a longer text describes no single work."""

TAKEN = "\0"
"""Stands for each character of an identifier that was taken out of the text."""

_FIRST_BLOCK_ENDS = ("/paragraph", "/item", "/heading", "/cell", "codeblock", "htmlblock", "table")
_MARKUP = re.compile(r"%%.*?%%|==(?=\S)|(?<=\S)==|\s\^[A-Za-z0-9-]+\s*$|(?<!\S)#(?=[\w/-]*[^\W\d])[\w/-]+", re.DOTALL)
_LIST_NUMBER = re.compile(r"^\[\d+\]\s+")
_QUOTED = re.compile(r'[“"«„]([^”"»“\n]{3,}?)[”"»“]')

_DOI = re.compile(
    r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:?\s*)?(?<![\d.])(10\.\d{4,9}/[^\s\"<>“”\0]+)", re.IGNORECASE
)
_ARXIV = re.compile(
    r"(?:(?:arXiv|CoRR)(?:\s+(?:e-)?print|\s+preprint)?[,:\s]+)?"
    r"(?:https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/|arXiv[:.\s]\s*(?:abs/)?|\babs/)"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?!\d)(?:v\d+)?(?:\.pdf)?(?:\s*\[[\w.-]+\])?",
    re.IGNORECASE,
)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.([\w./-]+?)(?:v\d+)?$", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"“”\0]+", re.IGNORECASE)
_NO_TITLE = re.compile(r"(?:arxiv|doi|pdf|link|url|paper|code|video|html|abs(?:tract)?|here|[\W\d_])+", re.IGNORECASE)
_PUNCTUATION = tuple(".,;:!?'’*_")


class Mark(NamedTuple):
    """A stretch of the text that the author set apart, without its quotation marks: perhaps the title."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """The text with identifiers taken out, its marks in order, and the distinct identifiers in order."""

    text: str
    marks: tuple[Mark, ...]
    dois: tuple[str, ...]
    arxivs: tuple[str, ...]
    url: str


def read_line(markdown: str) -> Line | None:
    """Read the first block of a footnote definition or list item; None when there are no words."""
    markdown = unicodedata.normalize("NFC", markdown.replace(TAKEN, " "))
    markdown = _LIST_NUMBER.sub("", _MARKUP.sub("", markdown).strip())
    if not markdown:
        return None
    text, marks, addresses = _flatten(markdown)
    marks = sorted(marks + [Mark(*quoted.span(1)) for quoted in _QUOTED.finditer(text)])
    for mark in marks:
        if _NO_TITLE.fullmatch(text[mark.start : mark.end]):
            text = _take_out(text, mark.start, mark.end)
    return _identified(text, tuple(marks), addresses)


def _flatten(markdown: str) -> tuple[str, list[Mark], list[str]]:
    pieces: list[str] = []
    marks: list[Mark] = []
    opened: list[int] = []
    addresses: list[str] = []
    length = 0
    for kind, value, _, _ in read_events(markdown, 0):
        if kind in _FIRST_BLOCK_ENDS or (kind == "list" and length) or (kind == "code" and not length + len(opened)):
            break  # what begins with code quotes something
        if kind in ("em", "strong", "link"):
            opened.append(length)
            addresses += [value["dest_url"]] if kind == "link" else []
        elif kind in ("/em", "/strong", "/link"):
            marks.append(Mark(opened.pop(), length))
        elif kind in ("text", "code", "math", "displaymath", "softbreak", "hardbreak"):
            pieces.append(" " if kind.endswith("break") else value.replace(TAKEN, " "))
            length += len(pieces[-1])
    return "".join(pieces), marks, addresses


def _identified(text: str, marks: tuple[Mark, ...], addresses: Iterable[str]) -> Line:
    everything = " ".join((text, *addresses))
    found = [match[1] for match in _DOI.finditer(everything)]
    dois = dict.fromkeys(_trimmed(doi).lower() for doi in found)
    arxivs = dict.fromkeys(match[1] for match in _ARXIV.finditer(everything))
    for doi in list(dois):
        if preprint := _ARXIV_DOI.match(doi):
            del dois[doi]
            arxivs.setdefault(preprint[1])
    urls = [_trimmed(url) for url in _URL.findall(everything)]
    others = [url for url in urls if not _DOI.search(url) and not _ARXIV.search(url)]
    for pattern in (_ARXIV, _DOI, _URL):
        for match in pattern.finditer(text):
            text = _take_out(text, match.start(), match.start() + len(_trimmed(match[0])))
    for arxiv in arxivs:
        text = text.replace(arxiv, TAKEN * len(arxiv))
    return Line(text, marks, tuple(dois), tuple(arxivs), others[0] if others else "")


def _take_out(text: str, start: int, end: int) -> str:
    return text[:start] + TAKEN * (end - start) + text[end:]


def _trimmed(address: str) -> str:
    """Drop the punctuation of the sentence from the end of an address, and a bracket that it did not open."""
    while address.endswith(_PUNCTUATION) or any(
        address.endswith(right) and address.count(right) > address.count(left) for left, right in ("()", "[]")
    ):
        address = address[:-1]
    return address
