"""The concept graph in the formats of other programs. Knows neither notes nor HTML.

All carry every attribute of nodes and edges. Where a format keeps `type` for itself, the type is called `kind`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from site_builder.formats import dot, linked_data, tables, xml
from site_builder.formats.plain import to_text
from site_builder.graph import ConceptGraph


class GraphFormat(Enum):
    JSON = "json"
    GRAPHML = "graphml"
    GEXF = "gexf"
    DOT = "dot"
    CSV = "csv"
    JSONLD = "jsonld"


_WRITERS = {
    GraphFormat.JSON: to_text,
    GraphFormat.GRAPHML: xml.to_graphml,
    GraphFormat.GEXF: xml.to_gexf,
    GraphFormat.DOT: dot.to_dot,
    GraphFormat.JSONLD: linked_data.to_jsonld,
}


def write_graph(graph: ConceptGraph, urls: Mapping[str, str], format_: GraphFormat) -> Mapping[str, str]:
    """Return the files of a format by name: two tables for CSV, for the others one whose name is empty.

    `urls` gives the page of each node that has one.
    """
    if format_ is GraphFormat.CSV:
        return tables.to_csv(graph, urls)
    return {"": _WRITERS[format_](graph, urls)}
