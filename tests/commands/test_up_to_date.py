"""A build is skipped only when it would make the same site again."""

from __future__ import annotations

from tests.commands.conftest import Vault, WriteModel


def test_a_build_without_changes_is_skipped_and_says_again_what_it_said(vault: Vault) -> None:
    vault.write("Home.md", "See [[Nowhere]].")
    first = vault.build()
    again = vault.build()
    assert "is built" in first.out
    assert "is up to date" in again.out
    assert "L001" in first.err
    assert "L001" in again.err


def test_a_changed_site_is_built_again(vault: Vault) -> None:
    vault.write("Home.md", "Words.")
    vault.build()
    (vault.root / "out" / "index.html").write_text("spoilt")
    vault.build()
    assert "Words." in vault.page("")


def test_any_folder_of_the_vault_counts_whatever_its_name(vault: Vault) -> None:
    vault.write("frontend/Note.md", "Before.")
    vault.build()
    vault.write("frontend/Note.md", "Afterwards.")
    vault.build()
    assert "Afterwards." in vault.page("frontend/note")


def test_a_project_whose_inputs_are_not_all_known_is_always_built(vault: Vault) -> None:
    vault.write("Home.md", "Words.")
    hook = vault.root / "hook.py"
    vault.configure("hooks: [hook.py]\n")
    for word in ("one", "two"):
        hook.write_text(f"def on_post_page(output, **_):\n    return output + '<!-- {word} -->'\n")
        vault.build()
        assert f"<!-- {word} -->" in vault.page("")


def test_an_edit_during_a_build_is_not_lost(vault: Vault, write_model: WriteModel) -> None:
    vault.write("Home.md", "Before.")
    write_model("from pathlib import Path\nPath('notes/Home.md').write_text('Edited meanwhile.')")
    vault.build()
    vault.build()
    assert "Edited meanwhile." in vault.page("")


def test_a_failed_notebook_is_tried_again(vault: Vault, write_model: WriteModel) -> None:
    write_model("from pathlib import Path\nmark = Path('mark')\nseen = mark.exists()\nmark.touch()\nassert seen")
    assert "error[M001]" in vault.build().err
    assert "M001" not in vault.build().err
