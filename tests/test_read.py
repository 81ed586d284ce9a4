"""Reading a vault: which files are notes, which are attachments, and what cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.diagnostics import CannotRun
from site_builder.read import matches, read_vault


def _write(root: Path, *paths: str, content: bytes = b"x") -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def test_notes_are_the_markdown_files_and_the_rest_attachments(tmp_path: Path) -> None:
    """The extension decides, whatever its case; hidden files and folders are neither."""
    files = read_vault(_write(tmp_path, "a.md", "b/C.MD", "b/i.png", ".obsidian/app.json", ".hidden.md", "b/.x/d.md"))
    assert [note.id for note in files.notes] == ["a.md", "b/C.MD"]
    assert [(each.path, each.size) for each in files.attachments] == [("b/i.png", 1)]
    assert files.diagnostics == ()


@pytest.mark.parametrize(
    ("pattern", "excluded"),
    [
        ("drafts/", ["drafts/a.md", "drafts/deep/b.md"]),
        ("*.tmp.md", ["x.tmp.md", "deep/y.tmp.md"]),
        ("deep/*", ["deep/y.tmp.md", "deep/z.md"]),
        ("nothing/", []),
    ],
)
def test_excluded_files_are_not_there(tmp_path: Path, pattern: str, excluded: list[str]) -> None:
    """A pattern names a folder by its slash at the end, or paths as a shell would; case counts."""
    paths = ["drafts/a.md", "drafts/deep/b.md", "x.tmp.md", "deep/y.tmp.md", "deep/z.md", "Drafts.md"]
    files = read_vault(_write(tmp_path, *paths), [pattern])
    assert {note.id for note in files.notes} == set(paths) - set(excluded)


@given(st.text(alphabet="ab/", min_size=1, max_size=8))
def test_a_path_matches_itself(path: str) -> None:
    """A pattern without wildcards excludes the one file it spells."""
    assert matches(path, path)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    """The first character of a note is the author's first."""
    (note,) = read_vault(_write(tmp_path, "a.md", content=b"\xef\xbb\xbf---\n")).notes
    assert note.source.text == "---\n"


def test_line_ends_are_kept(tmp_path: Path) -> None:
    """Offsets count the file's own bytes, so nothing is translated."""
    (note,) = read_vault(_write(tmp_path, "a.md", content=b"a\r\nb")).notes
    assert note.source.text == "a\r\nb"


def test_bytes_that_are_no_utf8_are_reported_where_they_stand(tmp_path: Path) -> None:
    """The note is read all the same, with a replacement character for each byte."""
    files = read_vault(_write(tmp_path, "a.md", content="one\ncaf\xe9!".encode("latin-1")))
    (note,), (fault,) = files.notes, files.diagnostics
    assert note.source.text == "one\ncaf\ufffd!"
    assert (fault.rule.code, fault.message) == ("R001", "byte 0xe9 is no UTF-8")
    assert note.source.position(fault.span.start) == (2, 4)


def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path) -> None:
    """A symbolic link to a missing note is a diagnostic, and the other notes are read."""
    _write(tmp_path, "a.md")
    os.symlink(tmp_path / "gone.md", tmp_path / "b.md")
    files = read_vault(tmp_path)
    assert [note.id for note in files.notes] == ["a.md"]
    assert [fault.rule.code for fault in files.diagnostics] == ["R002"]


def test_a_link_to_a_missing_picture_leaves_the_build_alone(tmp_path: Path) -> None:
    """What holds for notes holds for attachments."""
    _write(tmp_path, "a.md")
    os.symlink(tmp_path / "gone.png", tmp_path / "b.png")
    files = read_vault(tmp_path)
    assert [fault.rule.code for fault in files.diagnostics] == ["R002"]
    assert files.attachments == ()


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    """So a link to a folder above cannot make a vault endless."""
    _write(tmp_path, "a.md", "b/c.md")
    os.symlink(tmp_path, tmp_path / "b" / "up")
    assert [note.id for note in read_vault(tmp_path).notes] == ["a.md", "b/c.md"]


def test_a_vault_without_notes_is_reported(tmp_path: Path) -> None:
    """One diagnostic says so; there is nothing to raise about."""
    assert [fault.rule.code for fault in read_vault(tmp_path).diagnostics] == ["R003"]


def test_a_vault_that_is_not_there_cannot_be_compiled(tmp_path: Path) -> None:
    """That is the environment's failure, told in one line."""
    with pytest.raises(CannotRun, match=r"nowhere"):
        read_vault(tmp_path / "nowhere")


def test_the_same_bytes_have_the_same_hash(tmp_path: Path) -> None:
    """A note's hash depends on its content and on nothing else."""
    _write(tmp_path, "a.md", "b.md")
    _write(tmp_path, "c.md", content=b"y")
    a, b, c = read_vault(tmp_path).notes
    assert a.hash == b.hash != c.hash


def test_a_name_that_is_no_utf_8_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "A.md").write_text("words")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("words")
    except OSError:
        pytest.skip("this file system takes no such name")
    found = read_vault(tmp_path)
    assert [note.id for note in found.notes] == ["A.md"]
    assert [(each.rule.code, each.file.path) for each in found.diagnostics] == [("R004", "caf\ufffd.md")]
