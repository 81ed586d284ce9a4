"""The page of the concept graph: what its script fills, and the same in words for readers who have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from site_builder.addresses import GRAPH_PAGE, OVERVIEW
from site_builder.graph import ConceptGraph, EdgeType, Node, NodeType
from site_builder.graph_map import DRAWN, MAP, drawn_nodes
from site_builder.names import FilePath, SitePath, folder, relative_url
from site_builder.render.graph_picture import draw_graph
from site_builder.render.page import render_head
from site_builder.site import Page

_LIMIT = 300
_TOLD = 1000  # nodes up to which the list also says what each links to
_NAMES = {
    NodeType.NOTE: ("note", "notes"),
    NodeType.WANTED: ("wanted note", "wanted notes"),
    NodeType.MODEL: ("model", "models"),
    NodeType.REFERENCE: ("cited work", "cited works"),
}
_HELP = (
    "Click a node to open its page, Shift-click to choose it. With the keyboard, arrow keys go from neighbor to "
    "neighbor, Enter opens, Escape lets go, + and − zoom, 0 shows all. The address of this page leads back to what you "
    "see."
)
_OVERVIEW = (
    f'<p class="wt-more"><a href="{relative_url(GRAPH_PAGE, OVERVIEW)}">What the graph says</a>: how two concepts are '
    "connected, what is central, what was never written.</p>\n"
)
_FIND = """\
<div class="wt-atlas__find"><label for="wt-atlas-query">Find</label>
<input id="wt-atlas-query" name="query" type="search" role="combobox" aria-autocomplete="list" aria-expanded="false" \
aria-controls="wt-atlas-matches" autocomplete="off" spellcheck="false" placeholder="Title">
<ul id="wt-atlas-matches" role="listbox" aria-label="Matching nodes" hidden></ul></div>"""
_VIEWS = """\
<fieldset><legend>View</legend>
<label><input type="radio" name="view" value="picture" checked> <span>Picture</span></label>
<label><input type="radio" name="view" value="list"> <span>List</span></label></fieldset>"""
_STAGE = """\
<div class="wt-atlas__stage">
<div class="wt-atlas__picture" tabindex="0" role="application" aria-label="Graph" \
aria-describedby="wt-atlas-help"></div>
<div class="wt-atlas__zoom">
<button type="button" name="in" aria-label="Zoom in" title="Zoom in">+</button>
<button type="button" name="out" aria-label="Zoom out" title="Zoom out">−</button>
<button type="button" name="all" aria-label="Show all" title="Show all">⤢</button></div>
</div>"""


def graph_page(graph: ConceptGraph, urls: Mapping[str, SitePath], tags: Iterable[str]) -> Page:
    """Return the page of the graph."""
    nodes = drawn_nodes(graph)
    counts = Counter(node.type for node in nodes)
    said = ", ".join(_count(counts[kind], kind) for kind in DRAWN if counts[kind] or kind is NodeType.NOTE)
    lines = "Every line is a link, a citation or an import that somebody wrote." if len(nodes) > 1 else ""
    head = render_head("Graph", f"{said}. {lines}".rstrip())
    listed = _list(graph, nodes, _links(urls, GRAPH_PAGE))
    instead = f"<noscript>\n<style>.md-content__inner > .wt-atlas {{ display: none }}</style>\n{listed}</noscript>\n"
    html = head + (_view(nodes, counts, tags) if nodes else "") + instead + _OVERVIEW
    return Page(GRAPH_PAGE, None, "Graph", "", html, ())


def graph_picture(graph: ConceptGraph, urls: Mapping[str, SitePath], page: SitePath) -> str:
    """Return the picture with its legend; of more than 300 nodes, too many to read, the best linked are drawn."""
    nodes = drawn_nodes(graph)
    if not nodes:
        return ""
    degree = {node.id: len(graph.incoming.get(node.id, ())) + len(graph.outgoing.get(node.id, ())) for node in nodes}
    drawn = sorted(nodes, key=lambda node: (-degree[node.id], node.id))[:_LIMIT]
    kinds = [kind for kind in DRAWN if any(node.type is kind for node in drawn)]
    legend = " ".join(f'<span class="wt-legend wt-legend--{kind.value}">{kind.value}</span>' for kind in kinds)
    svg = draw_graph(drawn, graph, _links(urls, page))
    return f'<p class="wt-graph-legend">{legend}</p>\n<div class="wt-graph">{svg}</div>\n'


def _count(number: int, kind: NodeType) -> str:
    return f"{number:,} {_NAMES[kind][number != 1]}"


def _view(nodes: Sequence[Node], counts: Mapping[NodeType, int], tags: Iterable[str]) -> str:
    """Render the element that the page's script brings to life, with all its controls."""
    data, root = relative_url(GRAPH_PAGE, MAP), relative_url(GRAPH_PAGE, SitePath(""))
    types = "".join(_type(kind, counts[kind]) for kind in DRAWN if counts[kind])
    return f"""<wikitorch-graph class="wt-atlas" data-map="{data}" data-root="{root}">
<link rel="preload" href="{data}" as="fetch" crossorigin="anonymous">
<form class="wt-atlas__tools" aria-label="What the graph shows">
{_FIND}
{_select("folder", "Folder", "All folders", _folders(nodes))}\
{_select("tag", "Tag", "All tags", [(tag, f"#{tag}") for tag in tags])}\
<fieldset><legend>Types</legend>{types}</fieldset>
{_VIEWS}
</form>
<div class="wt-atlas__bar"><section class="wt-atlas__chosen" aria-label="Chosen node" hidden></section>
<p class="wt-atlas__status" role="status">The graph is loading.</p></div>
{_STAGE}
<div class="wt-atlas__list" hidden></div>
<p class="wt-atlas__help" id="wt-atlas-help">{_HELP}</p>
</wikitorch-graph>
"""


def _type(kind: NodeType, count: int) -> str:
    name = kind.value
    box = f'<input type="checkbox" name="type" value="{name}" checked>'
    said = f"<span>{_NAMES[kind][1]}</span> <small>{count:,}</small>"
    return f'<label class="wt-shape wt-shape--{name}">{box} {said}</label>'


def _select(name: str, label: str, every: str, options: Sequence[tuple[str, str]]) -> str:
    """Render a choice among values with their labels; nothing to choose from is no choice."""
    if not options:
        return ""
    items = "".join(f'<option value="{escape(value)}">{escape(text, quote=False)}</option>' for value, text in options)
    return f'<label>{label} <select name="{name}"><option value="">{every}</option>{items}</select></label>\n'


def _folders(nodes: Iterable[Node]) -> list[tuple[str, str]]:
    """Return every folder that holds a note, and those above it, each set in below the one it is in."""
    found: set[str] = set()
    for node in nodes:
        path = folder(FilePath(node.path)) if node.type is NodeType.NOTE else ""
        while path and path not in found:
            found.add(path)
            path = folder(FilePath(path))
    return [(path, "\u2003" * path.count("/") + path.rpartition("/")[2]) for path in sorted(found, key=_by_parts)]


def _by_parts(path: str) -> list[str]:
    return path.lower().split("/")


def _links(urls: Mapping[str, SitePath], page: SitePath) -> Mapping[str, str]:
    return {node: relative_url(page, path) for node, path in urls.items()}


def _list(graph: ConceptGraph, nodes: Sequence[Node], links: Mapping[str, str]) -> str:
    notes = sorted(
        (node for node in nodes if node.type is NodeType.NOTE), key=lambda node: (node.title.lower(), node.id)
    )
    told = len(nodes) <= _TOLD
    items = "".join(f"<li>{_link(node, links)}{_linked(node, graph, links) if told else ''}</li>\n" for node in notes)
    return f'<h2 id="as-a-list">As a list</h2>\n<ul class="wt-graph-list">\n{items}</ul>\n'


def _linked(node: Node, graph: ConceptGraph, links: Mapping[str, str]) -> str:
    edges = (edge for edge in graph.outgoing.get(node.id, ()) if edge.type in (EdgeType.LINKS, EdgeType.REQUIRES))
    targets = [graph.nodes[target] for target in dict.fromkeys(edge.target for edge in edges) if target != node.id]
    return " links to " + ", ".join(_link(target, links) for target in targets) if targets else ""


def _link(node: Node, links: Mapping[str, str]) -> str:
    title = escape(node.title, quote=False)
    if node.id not in links:
        return f'<span class="wanted-note">{title}</span>'
    return f'<a href="{escape(links[node.id])}">{title}</a>'
