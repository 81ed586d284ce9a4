"""JSON-LD in the words of schema.org.

An edge is a property of its source whose value is a schema.org `Role`, which is how that vocabulary says more of a
relation than its ends: https://schema.org/Role. What schema.org has no word for is in the namespace `wikitorch`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from site_builder.graph import ConceptGraph, Edge, EdgeType, Node, NodeType

_CONTEXT = {"@vocab": "https://schema.org/", "wikitorch": "urn:wikitorch:"}
_TYPES: Mapping[NodeType, str | list[str]] = {
    NodeType.NOTE: ["Article", "LearningResource"],
    NodeType.WANTED: "Thing",
    NodeType.REFERENCE: "CreativeWork",
    NodeType.MODEL: "SoftwareSourceCode",
    NodeType.ATTACHMENT: "MediaObject",
    NodeType.TAG: "DefinedTerm",
    NodeType.CLAIM: "Claim",
}
_PROPERTIES: Mapping[EdgeType, str] = {
    EdgeType.LINKS: "mentions",
    EdgeType.EMBEDS: "hasPart",
    EdgeType.CITES: "citation",
    EdgeType.IMPLEMENTS: "about",
    EdgeType.USES: "isBasedOn",
    EdgeType.TAGGED: "keywords",
    EdgeType.REQUIRES: "competencyRequired",
    EdgeType.VERIFIES: "wikitorch:verifies",
}


def to_jsonld(graph: ConceptGraph, urls: Mapping[str, str]) -> str:
    """Return the graph as JSON-LD 1.1; ids and addresses are relative to where the document stands."""
    nodes = [_node(node, urls, graph.outgoing.get(node.id, ())) for node in graph.nodes.values()]
    return json.dumps({"@context": _CONTEXT, "@graph": nodes}, ensure_ascii=False, indent=1) + "\n"


def iri(node: str) -> str:
    """Return a node's id as a fragment."""
    return "#" + quote(node, safe=":/")


def _node(node: Node, urls: Mapping[str, str], edges: tuple[Edge, ...]) -> dict[str, Any]:
    url = urls.get(node.id)
    relations: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for edge in edges:
        relations[_PROPERTIES[edge.type]].append(_role(edge))
    return {
        "@id": iri(node.id),
        "@type": _TYPES[node.type],
        "identifier": node.id,
        "name": node.title,
        "wikitorch:type": node.type.value,
        **({"wikitorch:path": node.path} if node.path else {}),
        **({"url": {"@id": quote(url) or "./"}} if url is not None else {}),
        **relations,
    }


def _role(edge: Edge) -> dict[str, Any]:
    return {
        "@type": "Role",
        _PROPERTIES[edge.type]: {"@id": iri(edge.target)},
        "roleName": edge.type.value,
        **({"description": edge.context} if edge.context else {}),
        "wikitorch:path": edge.path,
        "wikitorch:line": edge.line,
        "wikitorch:column": edge.column,
    }
