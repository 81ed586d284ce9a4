"""Two tables, of nodes and of edges, with the columns that Gephi's import looks for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from site_builder.formats.plain import Value, edge_values, node_values
from site_builder.graph import ConceptGraph

_NODES = ("Id", "Label", "kind", "path", "url")
_EDGES = ("Source", "Target", "Type", "kind", "path", "line", "column", "context")


def to_csv(graph: ConceptGraph, urls: Mapping[str, str]) -> Mapping[str, str]:
    """Return `nodes.csv` and `edges.csv`. Gephi's own column `Type` says that an edge has a direction."""
    nodes = ((node.id, *node_values(node, urls).values()) for node in graph.nodes.values())
    edges = ((edge.source, edge.target, "Directed", *edge_values(edge).values()) for edge in graph.edges)
    return {"nodes.csv": _table(_NODES, nodes), "edges.csv": _table(_EDGES, edges)}


def _table(head: tuple[str, ...], rows: Iterable[tuple[Value, ...]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows(rows)
    return file.getvalue()
