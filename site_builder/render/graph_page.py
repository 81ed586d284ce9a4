"""The page of the concept graph: a picture, with the same in words below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from site_builder.addresses import GRAPH_PAGE
from site_builder.graph import ConceptGraph, EdgeType, Node, NodeType
from site_builder.names import SitePath, relative_url
from site_builder.render.graph_picture import draw_graph
from site_builder.render.page import render_head
from site_builder.site import Page

_DRAWN = (NodeType.NOTE, NodeType.WANTED, NodeType.MODEL, NodeType.REFERENCE)
_LIMIT = 300


def graph_page(graph: ConceptGraph, urls: Mapping[str, SitePath]) -> Page:
    """Return the page of the graph: a picture, and the same in words."""
    nodes = _drawable(graph)
    counts = {kind: sum(node.type is kind for node in nodes) for kind in _DRAWN}
    said = f"{counts[NodeType.NOTE]} notes, {counts[NodeType.MODEL]} models, {counts[NodeType.REFERENCE]} cited works"
    more = f"; the {_LIMIT} best linked are drawn" if len(nodes) > _LIMIT else ""
    head = render_head("Graph", f"{said}{more}. Every line is a link, a citation or an import that somebody wrote.")
    html = head + graph_picture(graph, urls, GRAPH_PAGE) + _list(graph, nodes, _links(urls, GRAPH_PAGE))
    return Page(GRAPH_PAGE, None, "Graph", "", html, ())


def graph_picture(graph: ConceptGraph, urls: Mapping[str, SitePath], page: SitePath) -> str:
    """Return the picture with its legend; of more than 300 nodes, too many to read, the best linked are drawn."""
    nodes = _drawable(graph)
    if not nodes:
        return ""
    degree = {node.id: len(graph.incoming.get(node.id, ())) + len(graph.outgoing.get(node.id, ())) for node in nodes}
    drawn = sorted(nodes, key=lambda node: (-degree[node.id], node.id))[:_LIMIT]
    kinds = [kind for kind in _DRAWN if any(node.type is kind for node in drawn)]
    legend = " ".join(f'<span class="wt-legend wt-legend--{kind.value}">{kind.value}</span>' for kind in kinds)
    svg = draw_graph(drawn, graph, _links(urls, page))
    return f'<p class="wt-graph-legend">{legend}</p>\n<div class="wt-graph">{svg}</div>\n'


def _drawable(graph: ConceptGraph) -> list[Node]:
    return [node for node in graph.nodes.values() if node.type in _DRAWN]


def _links(urls: Mapping[str, SitePath], page: SitePath) -> Mapping[str, str]:
    return {node: relative_url(page, path) for node, path in urls.items()}


def _list(graph: ConceptGraph, nodes: Sequence[Node], links: Mapping[str, str]) -> str:
    notes = sorted(
        (node for node in nodes if node.type is NodeType.NOTE), key=lambda node: (node.title.lower(), node.id)
    )
    items = "".join(f"<li>{_link(node, links)}{_linked(node, graph, links)}</li>\n" for node in notes)
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
