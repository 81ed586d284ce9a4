"""References as BibTeX and as CSL JSON, for the tools that writers use. Knows nothing of where they are cited."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from site_builder.references.work import ET_AL, Reference, Work, split_name

_JOURNAL = re.compile(
    r"\d\s*\(\d|\b(?:annals|computation|foundations|JMLR|journal|letters|magazine|nature|PAMI|review|science|TACL|TMLR|transactions)\b",
    re.IGNORECASE,
)
_ISSUE = re.compile(r"(?P<journal>.*[^\W\d].*?),? (?P<volume>\d+) ?\((?P<number>\d+(?:[-–]\d+)?)\)")
_ESCAPES = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
})  # fmt: skip
_VERBATIM = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
_PLAIN_NAME = re.compile(r"[^\W\d_][^\W_]*(?:[ .'’‐-]+[^\W_]+)*\.?")


def to_bibtex(references: Iterable[Reference]) -> str:
    """Return a .bib file in order of the ids: UTF-8, one field a line, titles in the capitals they were written in."""
    return "\n".join(_bibtex_entry(reference) for reference in sorted(references, key=lambda each: each.id))


def to_csl_json(references: Iterable[Reference]) -> str:
    """Return the references as CSL JSON 1.0.2, in order of their ids."""
    items = [_csl_item(reference) for reference in sorted(references, key=lambda each: each.id)]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def _bibtex_entry(reference: Reference) -> str:
    work = reference.work
    kind, container = _bibtex_kind(work)
    venue, volume, number = _issue(work.venue)
    fields = {
        "author": " and ".join(map(_bibtex_name, work.authors)),
        "title": f"{{{_latex(work.title)}}}" if work.title.strip() else "",
        container: _latex(venue),
        "volume": volume,
        "number": number,
        "year": "" if work.year is None else str(work.year),
        "doi": _verbatim(work.doi),
        "eprint": _verbatim(work.arxiv),
        "archiveprefix": "arXiv" if work.arxiv else "",
        "url": _verbatim(work.url),
    }
    rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{kind}{{{reference.id},\n{rows}}}\n"


def _issue(venue: str) -> tuple[str, str, str]:
    """Split `Neural Computation 9(8)`: to citation tools, an article in no volume is a preprint."""
    found = _ISSUE.fullmatch(venue)
    return (found["journal"], found["volume"], found["number"]) if found else (venue, "", "")


def _bibtex_kind(work: Work) -> tuple[str, str]:
    if not work.venue:
        return "misc", "howpublished"
    return ("article", "journal") if _JOURNAL.search(work.venue) else ("inproceedings", "booktitle")


def _bibtex_name(author: str) -> str:
    if author == ET_AL:
        return "others"
    given, family = split_name(author)
    if not _PLAIN_NAME.fullmatch(author) or {"and", "others"} & set(author.lower().split()):
        return f"{{{_latex(author)}}}"
    return f"{family}, {given}" if given else f"{{{family}}}" if " " in family else family


def _latex(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPES)


def _verbatim(address: str) -> str:
    """Identifiers and addresses are not typeset: only what would unbalance the entry is encoded, as in a URL."""
    return "".join(address.split()).translate(_VERBATIM)


def _csl_item(reference: Reference) -> dict[str, Any]:
    work = reference.work
    venue, volume, number = _issue(work.venue)
    item = {
        "id": reference.id,
        "type": _csl_type(work),
        "author": [_csl_name(author) for author in work.authors],
        "title": work.title,
        "container-title": venue,
        "volume": volume,
        "issue": number,
        "issued": {} if work.year is None else {"date-parts": [[work.year]]},
        "DOI": work.doi,
        "archive": "arXiv" if work.arxiv else "",
        "archive_location": work.arxiv,
        "URL": work.url or (f"https://arxiv.org/abs/{work.arxiv}" if work.arxiv else ""),
    }
    return {name: value for name, value in item.items() if value}


def _csl_type(work: Work) -> str:
    if work.venue:
        return "article-journal" if _JOURNAL.search(work.venue) else "paper-conference"
    return "article" if work.arxiv else "document"


def _csl_name(author: str) -> dict[str, str]:
    if author == ET_AL:
        return {"literal": "others"}
    given, family = split_name(author)
    return {"family": family, "given": given} if given else {"family": family}
