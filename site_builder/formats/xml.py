"""GraphML and GEXF, written by networkx."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from site_builder.formats.escapes import escape_controls
from site_builder.formats.plain import Value, edge_values, node_values
from site_builder.graph import ConceptGraph

if TYPE_CHECKING:
    import networkx


def to_graphml(graph: ConceptGraph, urls: Mapping[str, str]) -> str:
    """Return the graph as GraphML, for igraph, yEd, Cytoscape, Neo4j.

    Its schema wants ids without spaces, and igraph misreads an `&` in them: nodes are `n0`, `n1`, their ids `name`.
    """
    from networkx.readwrite.graphml import GraphMLWriter  # slow to load

    numbers = {id_: f"n{number}" for number, id_ in enumerate(graph.nodes)}
    view = _view(graph, urls, numbers)
    for id_, number in numbers.items():
        view.nodes[number]["name"] = escape_controls(id_)
    # not write_graphml, which takes another writer where lxml is installed
    return str(GraphMLWriter(view, encoding="utf-8", prettyprint=True)) + "\n"


def to_gexf(graph: ConceptGraph, urls: Mapping[str, str]) -> str:
    """Return the graph as GEXF 1.2, for Gephi; without a date, so that the same graph is the same file."""
    from networkx.readwrite.gexf import GEXFWriter

    writer = GEXFWriter(encoding="utf-8", prettyprint=True, version="1.2draft")
    writer.add_graph(_view(graph, urls, {id_: escape_controls(id_) for id_ in graph.nodes}))
    writer.xml.find("meta").attrib.pop("lastmodifieddate")
    writer.xml.find("graph").attrib.pop("name")  # which the schema does not know
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue().decode() + "\n"


def _view(graph: ConceptGraph, urls: Mapping[str, str], names: Mapping[str, str]) -> networkx.MultiDiGraph[str]:
    """Return the graph for networkx's writers, its nodes under other names."""
    import networkx

    view: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    for node in graph.nodes.values():
        view.add_node(names[node.id], **_fit(node_values(node, urls)))
    for number, edge in enumerate(graph.edges):
        view.add_edge(names[edge.source], names[edge.target], key=f"e{number}", **_fit(edge_values(edge)))
    return view


def _fit(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: escape_controls(value) if isinstance(value, str) else value for name, value in values.items()}
