"""Where reading paths stand."""

from __future__ import annotations

from collections import Counter

from tests.properties.strategies import compile_files


def test_a_note_at_the_address_of_a_reading_path_has_it_alone() -> None:
    """Two pages at one address would overwrite each other."""
    requiring = '---\nrequires: "[[{}]]"\n---\n'
    files = {"A.md": "a", "B.md": requiring.format("A"), "C.md": requiring.format("B"), "C/Reading Path.md": "mine"}
    addresses = Counter(page.path for page in compile_files(files).pages)
    assert addresses["c/reading-path/"] == 1  # type: ignore[index]
    assert max(addresses.values()) == 1
    del files["C/Reading Path.md"]
    assert sum(page.path == "c/reading-path/" and page.note is None for page in compile_files(files).pages) == 1
