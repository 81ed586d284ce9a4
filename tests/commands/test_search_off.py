"""Whose search stands behind the box, and that a vault can have none."""

from __future__ import annotations

import json

import pytest

from tests.commands.conftest import Vault

_BOX = 'data-md-component="search"'


def _listed(vault: Vault) -> dict[str, object]:
    found: dict[str, object] = json.loads((vault.root / "out/search/search_index.json").read_text())
    return found


@pytest.mark.parametrize("plugins", ["", "plugins: [wikitorch]\n", "plugins: [search, wikitorch]\n"])
def test_our_index_stands_behind_the_box(vault: Vault, plugins: str) -> None:
    """Whether Material's plugin is listed or not; Material's own index is not written."""
    vault.write("A.md", "Words to find.")
    vault.configure(plugins)
    assert vault.build().status == 0
    assert _BOX in vault.page("a")
    assert not _listed(vault).get("docs")
    assert list((vault.root / "out/assets/wikitorch/search").iterdir())


def test_search_false_leaves_it_to_material(vault: Vault) -> None:
    """With its own index of all pages, and without ours."""
    vault.write("A.md", "Words to find.")
    vault.configure("plugins:\n  - search\n  - wikitorch:\n      search: false\n")
    assert vault.build().status == 0
    assert _BOX in vault.page("a")
    assert "Words to find." in json.dumps(_listed(vault)["docs"])
    assert not (vault.root / "out/assets/wikitorch/search").exists()


def test_search_false_without_material_s_plugin_is_no_search(vault: Vault) -> None:
    vault.write("A.md", "Words to find.")
    vault.configure("plugins:\n  - wikitorch:\n      search: false\n")
    assert vault.build().status == 0
    assert _BOX not in vault.page("a")
    assert not (vault.root / "out/search").exists()
