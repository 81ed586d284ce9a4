"""A page for each cited work, and the bibliography."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from site_builder.addresses import BIBLIOGRAPHY
from site_builder.graph import ConceptGraph, EdgeType, reference_node
from site_builder.names import Anchor, SitePath, relative_url
from site_builder.references import Reference, short_citation
from site_builder.render.connections import mentions
from site_builder.render.page import Section, render_head, render_section
from site_builder.render.site_view import SiteView
from site_builder.render.works import citing_notes, identifiers, work_html
from site_builder.site import Page, TocEntry


def reference_pages(
    references: Sequence[Reference], graph: ConceptGraph, view: SiteView, paths: Mapping[str, SitePath]
) -> Iterator[Page]:
    """Yield the page of each cited work: what it is, where to find it, and who cites it in which sentence."""
    for reference in references:
        path = paths[reference.id]
        edges = [edge for edge in graph.incoming.get(reference_node(reference.id), ()) if edge.type is EdgeType.CITES]
        cited = Section("connections", "Cited by", mentions(edges, view, path), searched=False)
        title = reference.work.title or short_citation(reference.work)
        html = (
            render_head(escape(title, quote=False), short_citation(reference.work))
            + _work(reference)
            + render_section(cited)
        )
        toc = (TocEntry(cited.title, Anchor(cited.name), 2),)
        yield Page(path, None, title, f"{short_citation(reference.work)}. {title}", html, toc)


def bibliography_page(references: Sequence[Reference], graph: ConceptGraph, paths: Mapping[str, SitePath]) -> Page:
    """Return the list of all cited works, by first author and year, with downloads.

    What `frontend/src/bibliography.ts` filters and sorts by stands in attributes.
    """
    ordered = sorted(references, key=lambda each: (short_citation(each.work).lower(), each.work.year or 0, each.id))
    items = "".join(
        f'<li data-authors="{escape(", ".join(each.work.authors))}" data-year="{each.work.year or ""}"'
        f' data-cited="{citing_notes(each, graph)}">'
        f'<a href="{escape(relative_url(BIBLIOGRAPHY, paths[each.id]))}">{escape(short_citation(each.work))}</a> '
        f'{work_html(each)} <span class="wt-cited">cited by {_notes(each, graph)}</span></li>\n'
        for each in ordered
    )
    downloads = (
        '<p class="wt-away">Download all: <a href="../references.bib" download>BibTeX</a> '
        '<a href="../references.json" download>CSL JSON</a></p>\n'
    )
    works = "The one work" if len(references) == 1 else f"The {len(references)} works"
    head = render_head("References", f"{works} that these notes cite.")
    return Page(
        BIBLIOGRAPHY, None, "References", "", f'{head}<ol class="wt-bibliography">\n{items}</ol>\n{downloads}', ()
    )


def _notes(reference: Reference, graph: ConceptGraph) -> str:
    count = citing_notes(reference, graph)
    return f"{count} note" if count == 1 else f"{count} notes"


def _work(reference: Reference) -> str:
    work = reference.work
    links = " ".join(f'<a href="{escape(url)}">{escape(name)}</a>' for name, url in identifiers(reference))
    rows: Mapping[str, str] = {
        "Authors": escape(", ".join(work.authors), quote=False),
        "Venue": escape(work.venue, quote=False),
        "Year": str(work.year or ""),
        "Find it": links,
    }
    items = "".join(f"<dt>{name}</dt><dd>{value}</dd>\n" for name, value in rows.items() if value)
    return f'<dl class="wt-work" data-search-exclude>\n{items}</dl>\n'
