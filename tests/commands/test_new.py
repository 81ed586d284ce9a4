"""What `wikitorch new` begins is whole: it is clean, runs and passes."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Vault


def test_a_new_model_with_a_new_note_is_clean_runs_and_passes(vault: Vault) -> None:
    """Three files and a note make a page with code, its demonstration and its check."""
    begun = vault.run("new", "model", "area.first_thing")
    assert begun.status == 0, begun.err
    assert [line.removeprefix(f"{vault.root}/") for line in begun.out.splitlines()] == [
        "notebook_models/area/first_thing.py",
        "notebook_models/notebooks/area/first_thing.py",
        "tests/models/area/test_first_thing.py",
    ]
    assert vault.run("new", "note", "Area/First Thing").out == f"{vault.root / 'notes/Area/First Thing.md'}\n"
    note = vault.root / "notes/Area/First Thing.md"
    note.write_text(note.read_text().replace("---\n\n", "model: area.first_thing\n---\n\n"))
    assert vault.run("models", "test").status == 0
    built = vault.build("--strict")
    assert built.status == 0, built.err
    page = vault.page("area/first-thing")
    assert ">FirstThing<" in page
    assert "tensor(" in page
    assert "passed" in page


def test_nothing_is_overwritten(vault: Vault) -> None:
    vault.write("x/Thing.md", "mine")
    assert (
        vault.run("new", "note", "y/thing").err
        == "wikitorch: x/Thing.md has this name: links by it would be ambiguous\n"
    )
    vault.run("new", "model", "area.thing")
    (vault.root / "notebook_models/area/thing.py").write_text("mine")
    again = vault.run("new", "model", "area.thing")
    assert again.status == 2
    assert "is there already" in again.err
    assert (vault.root / "notebook_models/area/thing.py").read_text() == "mine"


@pytest.mark.parametrize("name", ["a#b", "", ".hidden", "../out", "a|b", "a/.b"])
def test_a_name_that_no_note_can_have_is_refused(vault: Vault, name: str) -> None:
    """In one line, and nothing is written."""
    ended = vault.run("new", "note", name)
    assert ended.status == 2
    assert ended.err.startswith("wikitorch: no note can be named ")
    assert not [*vault.root.rglob("*.md")]


@pytest.mark.parametrize("name", ["thing", "area.", "area.2", "area.class", "Area.Thing", "area/thing"])
def test_a_name_that_no_model_can_have_is_refused(vault: Vault, name: str) -> None:
    ended = vault.run("new", "model", name)
    assert ended.status == 2
    assert "names no model" in ended.err
    assert not [*vault.root.rglob("*.py")]
