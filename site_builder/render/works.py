"""Cited works as pages show them: in a note's own list, on their own pages, in the bibliography."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from site_builder.graph import ConceptGraph, reference_node
from site_builder.names import SitePath, relative_url
from site_builder.references import Reference, short_citation
from site_builder.render.page import Section


def cited_works(
    cited: Iterable[Reference], graph: ConceptGraph, page: SitePath, paths: Mapping[str, SitePath]
) -> Section | None:
    """Render the works that a page cites, each once."""
    items = []
    for reference in cited:
        count = citing_notes(reference, graph)
        link = (
            f'<a href="{escape(relative_url(page, paths[reference.id]))}">{escape(short_citation(reference.work))}</a>'
        )
        notes = f"{count} notes" if count != 1 else "this note alone"
        items.append(f'<li>{link} {work_html(reference)} <span class="wt-cited">cited by {notes}</span></li>\n')
    html = f"<ol>\n{''.join(items)}</ol>\n"
    return Section("references", "References", html, searched=False) if items else None


def citing_notes(reference: Reference, graph: ConceptGraph) -> int:
    """Return how many notes cite a work."""
    return len({edge.source for edge in graph.incoming.get(reference_node(reference.id), ())})


def work_html(reference: Reference) -> str:
    """Render a work's title, venue and where to find it."""
    work = reference.work
    parts = [f"<cite>{escape(work.title, quote=False)}</cite>." if work.title else ""]
    parts.append(f"{escape(work.venue, quote=False)}." if work.venue else "")
    parts += [f'<a href="{escape(url)}">{escape(name)}</a>' for name, url in identifiers(reference)]
    return " ".join(filter(None, parts))


def identifiers(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield where a work can be found, as (name, address)."""
    work = reference.work
    if work.arxiv:
        yield f"arXiv:{work.arxiv}", f"https://arxiv.org/abs/{work.arxiv}"
    if work.doi:
        yield f"doi:{work.doi}", f"https://doi.org/{work.doi}"
    if work.url:
        yield work.url.removeprefix("https://").removeprefix("http://"), work.url
