"""The language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from site_builder.formats.escapes import escape_controls
from site_builder.formats.plain import Value, edge_values, node_values
from site_builder.graph import ConceptGraph

_NAMES = {"url": "URL"}  # which Graphviz makes a link of


def to_dot(graph: ConceptGraph, urls: Mapping[str, str]) -> str:
    """Return the graph as a `digraph`. In every string, as in Graphviz' labels, two backslashes mean one."""
    return "digraph concepts {\n" + "".join(_statements(graph, urls)) + "}\n"


def _statements(graph: ConceptGraph, urls: Mapping[str, str]) -> Iterator[str]:
    for node in graph.nodes.values():
        yield f"  {_quoted(node.id)} [{_attributes(node_values(node, urls))}];\n"
    for edge in graph.edges:
        yield f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [{_attributes(edge_values(edge))}];\n"


def _attributes(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{_NAMES.get(name, name)}={_quoted(str(value))}" for name, value in values.items())


def _quoted(text: str) -> str:
    escaped = escape_controls(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
