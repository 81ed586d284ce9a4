"""`graph.json` holds what docs/graph.md says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from site_builder.cache import Cache
from site_builder.compile import compile_site
from site_builder.graph import VERSION, EdgeType, NodeType
from site_builder.names import SitePath
from site_builder.project import Project
from site_builder.settings import Settings

PAGE = (Path(__file__).parents[1] / "docs" / "graph.md").read_text()


def test_the_page_names_every_type_and_the_version() -> None:
    format_ = PAGE.partition("## The graph page")[0]
    rows = re.findall(r"^\| ([^|]+) \|", format_, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {kind.value for kind in (*NodeType, *EdgeType)}
    assert f'"version": {VERSION}' in PAGE


def test_a_graph_has_the_fields_of_the_example_and_no_private_note(tmp_path: Path) -> None:
    (tmp_path / "A.md").write_text("See [[B]] and [[Hidden]]. #tag")
    (tmp_path / "B.md").write_text("B.")
    (tmp_path / "Hidden.md").write_text("---\npublish: false\n---\nSecret.")
    site = compile_site(Project(tmp_path, tmp_path, "Graph", Settings()), Cache(None), run=False)
    graph = json.loads(site.files[SitePath("graph.json")])
    example = json.loads(PAGE.split("```json\n")[1].split("```")[0])
    assert graph.keys() == example.keys()
    assert {tuple(node) for node in graph["nodes"]} == {tuple(example["nodes"][0])}
    assert {tuple(edge) for edge in graph["edges"]} == {tuple(example["edges"][0])}
    assert {node["id"] for node in graph["nodes"]} == {"note:A.md", "note:B.md", "tag:tag"}
    ids = {node["id"] for node in graph["nodes"]}
    assert all(edge["source"] in ids and edge["target"] in ids for edge in graph["edges"])
