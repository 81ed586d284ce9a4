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


@pytest.fixture
def chained(vault: Vault) -> Vault:
    """A requires B, B requires C, and D is linked by nothing but a hidden note."""
    vault.write("A.md", '---\nrequires: "[[B]]"\n---\nIt needs [[B|the second]].')
    vault.write("B.md", '---\nrequires: "[[C]]"\n---\nSee [[C]], and of course a.')
    vault.write("C.md", "The first one. Of Dee.")
    vault.write("D.md", "---\naliases: Dee\n---\nNothing.")
    vault.write("Hidden.md", "---\npublish: false\n---\n[[C]] and [[D]], a Zqwanted [[Zq]].")
    return vault


def test_a_path_shows_each_step_with_its_sentence(chained: Vault) -> None:
    done = chained.run("graph", "path", "c", "A")
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        "C – B – A\nC ← B\n    B.md:4:5  See C, and of course a.\nB ← A\n    A.md:4:10  It needs the second.\n"
    )
    steps = json.loads(chained.run("graph", "path", "--json", "c", "A").out)
    assert [(step["source"], step["target"], step["forward"], step["line"]) for step in steps] == [
        ("note:C.md", "note:B.md", False, 4), ("note:B.md", "note:A.md", False, 4)
    ]  # fmt: skip


def test_that_there_is_no_path_is_said(chained: Vault) -> None:
    """An unpublished note joins nothing."""
    done = chained.run("graph", "path", "C", "D")
    assert (done.status, done.out, done.err) == (1, "", "no chain of links joins C and D\n")


@pytest.mark.parametrize("arguments", [("path", "A", "Deep"), ("related", "Deep"), ("order", "Hidden")])
def test_a_name_that_means_nothing_is_one_line(chained: Vault, arguments: tuple[str, ...]) -> None:
    done = chained.run("graph", *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("wikitorch: nothing is named")
    assert "did you mean" in done.err or "Hidden" in arguments


def test_an_order_is_one_concept_a_line(chained: Vault) -> None:
    done = chained.run("graph", "order", "A")
    assert (done.status, done.out) == (0, "1. C  for B\n2. B  for A\n3. A\n")
    assert [each["node"] for each in json.loads(chained.run("graph", "order", "A", "--json").out)] == [
        "note:C.md", "note:B.md", "note:A.md"
    ]  # fmt: skip


def test_a_circle_on_the_way_is_told(chained: Vault) -> None:
    chained.write("C.md", '---\nrequires: "[[A]]"\n---\n')
    done = chained.run("graph", "order", "A")
    assert (done.status, done.out) == (1, "1. C  for B\n2. B  for A\n3. A\n")
    assert "warning[G002]" in done.err
    assert "C → A → B → C" in done.err
    assert "C.md:2:12" in done.err


def test_mentions_are_lines_with_the_link_to_write(chained: Vault) -> None:
    done = chained.run("graph", "mentions")
    assert (done.status, done.err) == (0, "")
    assert done.out == "C.md:1:19: Dee → [[D|Dee]]\n"
    (mention,) = json.loads(chained.run("graph", "mentions", "--json").out)
    assert mention == {"path": "C.md", "line": 1, "column": 19, "written": "Dee", "note": "D.md", "link": "[[D|Dee]]"}


def test_stats_count_the_published_graph(chained: Vault) -> None:
    done = chained.run("graph", "stats")
    assert done.status == 0
    assert "nodes: 4 note\n" in done.out
    assert "orphans: 1\n    D\n" in done.out
    assert "Zq" not in done.out + chained.run("graph", "stats", "--json").out


def test_what_is_alike_in_name_is_told_apart_by_its_files(vault: Vault) -> None:
    """And how many is said in words that fit; a template's field is no name."""
    vault.write("Ann.md", "See [[Nowhere]].")
    vault.write("people/Ann.md", "One.")
    vault.write("a.md", '---\ntitle: "{{title}}"\n---\n')
    vault.write("b.md", '---\ntitle: "{{title}}"\n---\n')
    said = vault.run("graph", "stats").out
    assert "names alike: 1\n    Ann: Ann.md – people/Ann.md\n" in said
    assert "Nowhere  1 link in 1 note\n" in said


def test_a_vault_without_notes_has_answers_too(vault: Vault) -> None:
    done = vault.run("graph", "stats")
    assert done.status == 0
    assert done.out.startswith("nodes: none\nedges: none\n")
    assert (vault.run("graph", "mentions").status, vault.run("graph", "order", "Any").status) == (0, 2)


def test_that_nothing_is_related_is_said(vault: Vault) -> None:
    vault.write("Alone.md", "Words.")
    done = vault.run("graph", "related", "Alone")
    assert (done.status, done.out) == (1, "")
    assert done.err == "no other note shares links, cited works or telling words with Alone\n"


def test_related_notes_are_ranked_with_reasons(chained: Vault) -> None:
    chained.write("E.md", "Also [[C]].")
    done = chained.run("graph", "related", "E")
    assert (done.status, done.out) == (0, "0.50  B: both link to C\n")
    (found,) = json.loads(chained.run("graph", "related", "E", "--json").out)
    assert found == {"note": "B.md", "score": 0.5, "linked": False, "shared": {"link_to": ["note:C.md"]}}
