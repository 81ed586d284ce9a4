"""What every format says of a node and of an edge, and the graph as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from site_builder.graph import ConceptGraph, Edge, Node, to_json

Value = str | int


def node_values(node: Node, urls: Mapping[str, str]) -> dict[str, Value]:
    """Return what is known of a node, but for its id."""
    return {"label": node.title, "kind": node.type.value, "path": node.path, "url": urls.get(node.id, "")}


def edge_values(edge: Edge) -> dict[str, Value]:
    """Return what is known of an edge, but for its ends."""
    return {
        "kind": edge.type.value,
        "path": edge.path,
        "line": edge.line,
        "column": edge.column,
        "context": edge.context,
    }


def to_text(graph: ConceptGraph, urls: Mapping[str, str]) -> str:
    """Return what `site/graph.json` holds, one node or edge a line."""
    data = to_json(graph, urls)
    nodes, edges = (",\n".join(map(_dump, data[name])) for name in ("nodes", "edges"))
    return f'{{"version": {data["version"]},\n"nodes": [\n{nodes}\n],\n"edges": [\n{edges}\n]}}\n'


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
