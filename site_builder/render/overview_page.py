"""What the graph says of the whole vault: what is central, never written, alone, or held by one link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from site_builder.addresses import OVERVIEW
from site_builder.analysis.duplicates import NearDuplicate
from site_builder.analysis.stats import Community, Stats, Wanted
from site_builder.graph import ConceptGraph
from site_builder.names import Anchor, SitePath, relative_url
from site_builder.render.page import Section, render_head, render_section
from site_builder.site import Page, TocEntry

_CENTRAL = 10
_LISTED = 50  # of each kind; `wikitorch graph stats --json` has all
_NAMED = 6  # concepts that stand for a group
_CITING = 4  # notes named for a wanted one


def overview_page(
    stats: Stats, alike: Sequence[NearDuplicate], graph: ConceptGraph, urls: Mapping[str, SitePath]
) -> Page:
    """Return the page of what the graph says."""
    links = _Links(graph, urls)
    sections = [
        Section("connect", "How are two concepts connected?", _QUESTION, searched=False) if graph.edges else None,
        _section("central", "At the center", _central(stats, links), ordered=True),
        _section("wanted", "Not written yet", [_wanted(each, graph, links) for each in stats.wanted]),
        _section("alone", "Linked with nothing", [links.link(node) for node in stats.orphans]),
        _section("groups", "Groups", [_group(each, links) for each in stats.communities]),
        _section("bridges", "Held by one link", [_pair(*each, links) for each in stats.bridges]),
        _section("alike", "Two names for one thing?", [_pair(each.first, each.last, links) for each in alike]),
    ]
    shown = [each for each in sections if each]
    said = "Counted from the links of the notes, anew at each build."
    html = render_head("What the graph says", said) + "".join(map(render_section, shown))
    toc = tuple(TocEntry(each.title, Anchor(each.name), 2) for each in shown)
    return Page(OVERVIEW, None, "What the graph says", said, html, toc)


_QUESTION = """\
<form class="wt-connect wt-sift" data-graph="../../graph.json" hidden>
<label>From <input name="from" list="wt-concepts" required></label>
<label>To <input name="to" list="wt-concepts" required></label>
<button type="submit">Find the chain</button>
<datalist id="wt-concepts"></datalist>
</form>
<noscript><p>On the command line, <code>wikitorch graph path A B</code> says it.</p></noscript>
<div class="wt-connect__answer" role="status"></div>
"""


class _Links:
    """Links to nodes from the page, by their ids."""

    def __init__(self, graph: ConceptGraph, urls: Mapping[str, SitePath]) -> None:
        self._graph, self._urls = graph, urls

    def link(self, node: str) -> str:
        title = escape(self._graph.nodes[node].title, quote=False)
        if node not in self._urls:
            return f'<span class="wanted-note" title="Not written yet">{title}</span>'
        return f'<a href="{escape(relative_url(OVERVIEW, self._urls[node]))}">{title}</a>'


_SAID = {
    "central": "Where a reader who follows links at random is most often.",
    "wanted": "Linked, and no note has the name. Those that most notes ask for come first.",
    "alone": "Notes that link no other and that no other links.",
    "groups": "Notes that link each other more than the rest, the most central of each named.",
    "bridges": "Without this one link the graph would fall into two.",
    "alike": "Titles and aliases that differ in general words, the plural or a letter.",
}


def _section(name: str, title: str, items: Sequence[str], *, ordered: bool = False) -> Section | None:
    if not items:
        return None
    tag = "ol" if ordered else "ul"
    listed = "".join(f"<li>{item}</li>\n" for item in items[:_LISTED])
    left = len(items) - _LISTED
    more = f'<p class="wt-more">And {left:,} more.</p>\n' if left > 0 else ""
    return Section(name, title, f"<p>{_SAID[name]}</p>\n<{tag}>\n{listed}</{tag}>\n{more}", searched=False)


def _central(stats: Stats, links: _Links) -> list[str]:
    return [links.link(node) for node, _ in stats.central[:_CENTRAL]] if stats.edges else []


def _wanted(wanted: Wanted, graph: ConceptGraph, links: _Links) -> str:
    sources = list(dict.fromkeys(edge.source for edge in graph.incoming[wanted.node]))
    named = ", ".join(links.link(node) for node in sources[:_CITING])
    more = f" and {len(sources) - _CITING} more" if len(sources) > _CITING else ""
    return f'{links.link(wanted.node)} <span class="wt-for">asked for by {named}{more}</span>'


def _group(group: Community, links: _Links) -> str:
    named = ", ".join(links.link(node) for node in group.members[:_NAMED])
    left = len(group.members) - _NAMED
    return f"{named}{f' and {left} more' if left > 0 else ''}"


def _pair(first: str, last: str, links: _Links) -> str:
    return f"{links.link(first)} – {links.link(last)}"
