"""An incremental build equals a clean one, byte for byte, whatever was edited, renamed or deleted in between."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.build import build_site
from site_builder.cache import Cache
from site_builder.compile import compile_site
from site_builder.project import Project
from site_builder.settings import Settings
from site_builder.site import Site

NAMES = ("A", "B", "c/A", "c/D")
BODIES = (
    "Plain words.",
    "See [[A]], [[B#Head]] and [[c/D|d]].",
    "# Head\n\n![[B]] and $x^2$ #tag/a",
    "---\naliases: [D]\nrequires: '[[A]]'\n---\n## Head\n\n![[A#Head]]\n\n```py\nx = 1\n```\n",
    "---\npublish: false\n---\nHidden.",
    "# Head\n\n$y^3$ and $$y^3$$\n\n```py\ny = 2\n```\n",
    "Cited.[^1]\n\n[^1]: Ba, Kiros, Hinton. Layer normalization. arXiv:1607.06450, 2016.",
)

writes = st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(BODIES))
deletes = st.tuples(st.just("delete"), st.sampled_from(NAMES), st.just(""))
renames = st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES))


def _apply(vault: Path, edit: tuple[str, str, str]) -> None:
    kind, name, other = edit
    path = vault / f"{name}.md"
    if kind == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(other)
    elif path.exists():
        if kind == "delete":
            path.unlink()
        else:
            target = vault / f"{other}.md"
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)


def _everything(site: Site) -> object:
    return site.pages, site.attachments, dict(site.files), [str(each) for each in site.diagnostics]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.one_of(writes, deletes, renames), min_size=1, max_size=3), min_size=1, max_size=4))
def test_compiling_with_a_kept_cache_equals_compiling_without(rounds: list[list[tuple[str, str, str]]]) -> None:
    with TemporaryDirectory() as folder:
        vault = Path(folder) / "vault"
        vault.mkdir()
        project = Project(Path(folder), vault, "Incremental", Settings())
        kept = Cache(Path(folder) / "cache.sqlite")
        for edits in rounds:
            for edit in edits:
                _apply(vault, edit)
            incremental = compile_site(project, kept, run=False)
            clean = compile_site(project, Cache(None), run=False)
            assert _everything(incremental) == _everything(clean)
        kept.close()


EDITS: list[Callable[[Path], object]] = [
    lambda vault: (vault / "B.md").write_text("# Another head\n\nSee [[A]]."),
    lambda vault: (vault / "B.md").rename(vault / "E.md"),
    lambda vault: (vault / "A.md").unlink(),
    lambda vault: (vault / "New.md").write_text("![[c/D]] [[E]]"),
    lambda vault: None,
]


@pytest.mark.parametrize("without_cache", [False, True])
def test_a_site_built_after_edits_equals_a_clean_one(tmp_path: Path, without_cache: bool) -> None:
    vault = tmp_path / "vault"
    (vault / "c").mkdir(parents=True)
    config = tmp_path / "mkdocs.yml"
    config.write_text("site_name: Incremental\ndocs_dir: vault\nsite_url: https://example.org/notes/\n")
    for name, body in zip(NAMES, BODIES, strict=False):
        (vault / f"{name}.md").write_text(body)
    for edit in EDITS:
        edit(vault)
        assert build_site(config, site_dir=tmp_path / "kept") == 0
        shutil.rmtree(tmp_path / (".wikitorch" if without_cache else "clean"), ignore_errors=True)
        assert build_site(config, site_dir=tmp_path / "clean") == 0
        assert _files(tmp_path / "kept") == _files(tmp_path / "clean")


def _files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
