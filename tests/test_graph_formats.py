"""Each format of the concept graph, read back by another program's reader, is the graph that was written."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import igraph
import networkx
import pydot
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from site_builder.formats import GraphFormat, write_graph
from site_builder.formats.escapes import escape_controls, unescape_controls
from site_builder.graph import ConceptGraph, Edge, EdgeType, Node, NodeType

Values = Mapping[str, str]
Nodes = dict[str, Values]
Edges = list[tuple[str, str, Values]]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"', "\\", 'a\\"', "&",
     "<b>&amp;", "]]>", "🙂é漢", "\x00\x1b\x7f", "_x0041_", "_x005F_", "\r\n", " a ", "a\tb\n",
     "=1+1", "\ufffe"]
)  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> ConceptGraph:
    """A graph of up to five nodes whose names are any texts."""
    ids = draw(st.lists(texts.map(lambda name: f"note:{name}"), max_size=5, unique=True))
    nodes = [Node(id_, draw(st.sampled_from(NodeType)), draw(texts), draw(texts)) for id_ in ids]
    ends, numbers = st.sampled_from(ids) if ids else st.nothing(), st.integers(1, 10**6)
    edge = st.builds(Edge, ends, ends, st.sampled_from(EdgeType), texts, numbers, numbers, texts)
    return ConceptGraph({node.id: node for node in nodes}, tuple(draw(st.lists(edge, max_size=6))))


def _urls(graph: ConceptGraph) -> dict[str, str]:
    return {node.id: f"{node.title}/" for node in graph.nodes.values() if node.type is NodeType.NOTE}


def expected(graph: ConceptGraph) -> tuple[Nodes, Edges]:
    urls = _urls(graph)
    nodes = {
        node.id: {"label": node.title, "kind": node.type.value, "path": node.path, "url": urls.get(node.id, "")}
        for node in graph.nodes.values()
    }
    edges = [(edge.source, edge.target, _edge_values(edge)) for edge in graph.edges]
    return nodes, _ordered(edges)


def _edge_values(edge: Edge) -> Values:
    place = {"path": edge.path, "line": str(edge.line), "column": str(edge.column)}
    return {"kind": edge.type.value, **place, "context": edge.context}


def _ordered(edges: Iterable[tuple[str, str, Values]]) -> Edges:
    return sorted(edges, key=lambda edge: (*edge[:2], *edge[2].items()))


def _taken(values: Mapping[str, Any], names: Iterable[str], read: Callable[[str], str]) -> Values:
    return {name: read(str(_whole(values.get(name, "")))) for name in names}


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) else value  # igraph has no integers


_NODE = ("label", "kind", "path", "url")
_EDGE = ("kind", "path", "line", "column", "context")


def _from_networkx(view: Any) -> tuple[Nodes, Edges]:
    read = unescape_controls
    nodes = {read(id_): _taken(values, _NODE, read) for id_, values in view.nodes(data=True)}
    edges = [(read(a), read(b), _taken(values, _EDGE, read)) for a, b, values in view.edges(data=True)]
    return nodes, _ordered(edges)


def _graphml_by_networkx(files: Mapping[str, str], _folder: Path) -> tuple[Nodes, Edges]:
    view = networkx.parse_graphml(files[""].encode())
    return _from_networkx(networkx.relabel_nodes(view, networkx.get_node_attributes(view, "name")))


def _graphml_by_igraph(files: Mapping[str, str], folder: Path) -> tuple[Nodes, Edges]:
    file = folder / "graph.graphml"
    file.write_bytes(files[""].encode())
    graph = igraph.Graph.Read_GraphML(str(file))
    read = unescape_controls
    ids = [read(vertex["name"]) for vertex in graph.vs]
    nodes = {id_: _taken(vertex.attributes(), _NODE, read) for id_, vertex in zip(ids, graph.vs, strict=True)}
    edges = [(ids[edge.source], ids[edge.target], _taken(edge.attributes(), _EDGE, read)) for edge in graph.es]
    return nodes, _ordered(edges)


def _gexf_by_networkx(files: Mapping[str, str], _folder: Path) -> tuple[Nodes, Edges]:
    return _from_networkx(networkx.read_gexf(io.BytesIO(files[""].encode()), version="1.2draft"))


def _dot_by_pydot(files: Mapping[str, str], _folder: Path) -> tuple[Nodes, Edges]:
    parsed = pydot.graph_from_dot_data(files[""])[0]
    names = {name: name for name in (*_NODE, *_EDGE)} | {"url": "URL"}

    def values(item: Any, wanted: Iterable[str]) -> Values:
        attributes = item.get_attributes()
        return {name: _unquoted(attributes[names[name]]) for name in wanted}

    nodes = {_unquoted(node.get_name()): values(node, _NODE) for node in parsed.get_nodes()}
    edges = [(_unquoted(e.get_source()), _unquoted(e.get_destination()), values(e, _EDGE)) for e in parsed.get_edges()]
    return nodes, _ordered(edges)


def _unquoted(text: str) -> str:
    return unescape_controls(re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), text[1:-1]))


def _csv_by_igraph(files: Mapping[str, str], _folder: Path) -> tuple[Nodes, Edges]:
    vertices, lines = (
        list(csv.DictReader(io.StringIO(files[name], newline=""))) for name in ("nodes.csv", "edges.csv")
    )
    if not vertices:
        return {}, []
    graph = igraph.Graph.DictList(
        vertices, lines, directed=True, vertex_name_attr="Id", edge_foreign_keys=("Source", "Target")
    )
    nodes = {v["Id"]: _taken({**v.attributes(), "label": v["Label"]}, _NODE, str) for v in graph.vs}
    edges = [(graph.vs[e.source]["Id"], graph.vs[e.target]["Id"], _taken(e.attributes(), _EDGE, str)) for e in graph.es]
    assert all(edge["Type"] == "Directed" for edge in graph.es)
    return nodes, _ordered(edges)


def _json(files: Mapping[str, str], _folder: Path) -> tuple[Nodes, Edges]:
    data = json.loads(files[""])
    nodes = {each["id"]: {**each, "label": each["title"], "kind": each["type"]} for each in data["nodes"]}
    edges = [(each["source"], each["target"], {**each, "kind": each["type"]}) for each in data["edges"]]
    return (
        {id_: _taken(values, _NODE, str) for id_, values in nodes.items()},
        _ordered((a, b, _taken(values, _EDGE, str)) for a, b, values in edges),
    )


def _jsonld(files: Mapping[str, str], _folder: Path) -> tuple[Nodes, Edges]:
    """Read as a JSON-LD processor does that keeps terms: a relation is a Role with its property once more inside."""
    data = json.loads(files[""])["@graph"]
    ids = {each["@id"]: each["identifier"] for each in data}
    assert all(unquote(iri) == f"#{id_}" for iri, id_ in ids.items())
    nodes: Nodes = {}
    edges: Edges = []
    for each in data:
        url = unquote(each.get("url", {"@id": ""})["@id"])
        path = each.get("wikitorch:path", "")
        nodes[each["identifier"]] = {"label": each["name"], "kind": each["wikitorch:type"], "path": path, "url": url}
        for name, roles in each.items():
            for role in roles if isinstance(roles, list) and name != "@type" else ():
                values = {"kind": role["roleName"], "context": role.get("description", "")}
                places = {key: str(role[f"wikitorch:{key}"]) for key in ("path", "line", "column")}
                edges.append((each["identifier"], ids[role[name]["@id"]], _taken({**values, **places}, _EDGE, str)))
    return nodes, _ordered(edges)


_READERS = [
    (GraphFormat.GRAPHML, _graphml_by_networkx),
    (GraphFormat.GRAPHML, _graphml_by_igraph),
    (GraphFormat.GEXF, _gexf_by_networkx),
    (GraphFormat.DOT, _dot_by_pydot),
    (GraphFormat.CSV, _csv_by_igraph),
    (GraphFormat.JSON, _json),
    (GraphFormat.JSONLD, _jsonld),
]
_ONE = Node("note:A.md", NodeType.NOTE, "A", "A.md")


@pytest.mark.parametrize(("format_", "reader"), _READERS, ids=[reader.__name__[1:] for _, reader in _READERS])
@settings(max_examples=60, deadline=None)
@given(graph=graphs())
@example(graph=ConceptGraph({}, ()))
@example(graph=ConceptGraph({_ONE.id: _ONE}, ()))
def test_what_is_read_back_is_what_was_written(
    format_: GraphFormat, reader: Any, graph: ConceptGraph, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every node and edge with every attribute, whatever is in the names."""
    files = write_graph(graph, _urls(graph), format_)
    assert reader(files, tmp_path_factory.getbasetemp()) == expected(graph)


@given(st.text(st.characters(exclude_categories=[]), max_size=20))
def test_no_two_texts_are_escaped_alike(text: str) -> None:
    """Escaping is undone by unescaping, and leaves a text that XML 1.0 can hold."""
    escaped = escape_controls(text)
    assert unescape_controls(escaped) == text
    assert re.fullmatch(r"[\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*", escaped)


def test_the_same_graph_is_the_same_file_on_every_day(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = ConceptGraph({_ONE.id: _ONE}, ())
    first = write_graph(graph, {}, GraphFormat.GEXF)
    assert 'name=""' not in first[""]  # the schema has none at the graph
    monkeypatch.setattr("time.strftime", lambda *_: "2001-01-01")
    assert write_graph(graph, {}, GraphFormat.GEXF) == first
