"""The `graph` commands as a user runs them: data on stdout, what is wrong on stderr, an exit status."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import networkx
import pytest

from tests.commands.conftest import Vault


@pytest.fixture
def linked(vault: Vault) -> Vault:
    vault.write("A.md", "See [[B]] and [[Hidden|it]].")
    vault.write("B.md", "B.")
    vault.write("Hidden.md", "---\npublish: false\naliases: Zqalias\n---\nSecret [[A]] and [[Zqwanted]].")
    return vault


@pytest.mark.parametrize("format_", ["json", "graphml", "gexf", "dot", "jsonld"])
def test_the_graph_is_exported_to_stdout_or_to_a_file(linked: Vault, format_: str) -> None:
    """Both are the same bytes, and say nothing of a note that is not published."""
    printed = linked.run("graph", "export", "--format", format_)
    assert (printed.status, printed.err) == (0, "")
    assert "A.md" in printed.out
    assert not any(word in printed.out for word in ("Hidden", "Zq", "Secret"))
    written = linked.run("graph", "export", "--format", format_, "-o", str(linked.root / "new" / "graph"))
    assert (written.status, written.out) == (0, "")
    assert (linked.root / "new" / "graph").read_text() == printed.out


def test_the_json_is_that_of_the_site(linked: Vault) -> None:
    assert linked.build().status == 0
    site = json.loads((linked.root / "out" / "graph.json").read_text())
    assert json.loads(linked.run("graph", "export").out) == site


def test_csv_is_two_tables_in_a_folder(linked: Vault) -> None:
    refused = linked.run("graph", "export", "--format", "csv")
    assert (refused.status, refused.out) == (2, "")
    assert "-o" in refused.err
    folder = linked.root / "tables"
    assert linked.run("graph", "export", "--format", "csv", "-o", str(folder)).status == 0
    nodes, edges = (list(csv.DictReader((folder / name).open())) for name in ("nodes.csv", "edges.csv"))
    assert [node["Id"] for node in nodes] == ["note:A.md", "note:B.md"]
    assert [(edge["Source"], edge["Target"]) for edge in edges] == [("note:A.md", "note:B.md")]


def test_a_vault_without_notes_has_a_graph(vault: Vault) -> None:
    exported = vault.run("graph", "export", "--format", "graphml")
    assert exported.status == 0
    assert len(networkx.parse_graphml(exported.out)) == 0


def test_a_place_that_cannot_be_written_is_one_line(linked: Vault) -> None:
    refused = linked.run("graph", "export", "-o", str(Path("/dev/null/graph.json")))
    assert (refused.status, refused.out) == (2, "")
    assert len(refused.err.splitlines()) == 1
