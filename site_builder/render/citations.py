"""`[@key]` as a reader sees it: authors and year, each leading to the work's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from site_builder.names import SitePath, relative_url
from site_builder.note import Citation, CitedKey


@dataclass(frozen=True, slots=True)
class CitedWork:
    """How a sentence names a work, its year, and the page about it."""

    name: str
    year: str
    path: SitePath


def render_citation(citation: Citation, works: Mapping[str, CitedWork], page: SitePath) -> str:
    """Render a citation; when no key in it is known, the brackets are text."""
    if not any(each.key.lower() in works for each in citation.works):
        return escape(citation.source, quote=False)
    cited = "; ".join(_work(each, works, page, citation.linked) for each in citation.works)
    return f'<span class="citation">({cited})</span>'


def _work(cited: CitedKey, works: Mapping[str, CitedWork], page: SitePath, linked: bool) -> str:
    work = works.get(cited.key.lower())
    if work is None:
        words = f'<span class="wanted-note" title="In no .bib file">@{escape(cited.key)}</span>'
    else:
        words = escape(work.year if cited.year_only and work.year else work.name, quote=False)
        words = f'<a href="{escape(relative_url(page, work.path))}">{words}</a>' if linked else words
    before = f"{escape(cited.before, quote=False)} " if cited.before else ""
    return f"{before}{words}{escape(cited.after, quote=False)}"
