"""What mkdocs.yml says of Python-Markdown's extensions holds for a build and for a check alike."""

from __future__ import annotations

import os

import pytest

from tests.commands.conftest import Vault

_EXTENSIONS = """
markdown_extensions:
  - toc:
      slugify: !!python/object/apply:pymdownx.slugs.slugify {kwds: {case: none}}
  - pymdownx.superfences:
      custom_fences:
        - name: drawing
          class: drawing
          format: !!python/name:pymdownx.superfences.fence_div_format
        - name: broken
          class: broken
          format: !!python/name:os.getcwd
"""


def test_a_check_reads_extensions_as_a_build_does(vault: Vault) -> None:
    """Formatters and the ids of headings come from Python objects that mkdocs.yml names."""
    vault.configure(_EXTENSIONS)
    vault.write("Home.md", "```drawing\nA\n```\n\n```broken\nB\n```\n")
    vault.write("A.md", "---\nmarkup: mkdocs\n---\n[there](B.md#One-part) and [not there](B.md#one-part-and-more)\n")
    vault.write("B.md", "---\nmarkup: mkdocs\n---\n## One part\n")
    built = vault.build()
    assert '<div class="drawing">A</div>' in vault.page("")
    assert '<a href="../b/#One-part">there</a>' in vault.page("a")
    checked = vault.run("check", "--format", "concise")
    told = [line.partition(" ")[2].partition(" ")[0] for line in checked.out.splitlines()]
    assert len(told) == 2
    assert all(code in built.err for code in ("[L003]", "[P008]"))
    assert "L003" in checked.out
    assert "P008" in checked.out


def test_code_that_is_not_there_is_said_in_one_line(vault: Vault) -> None:
    vault.configure("markdown_extensions: [{toc: {slugify: !!python/name:no_such_module.slug }}]\n")
    done = vault.run("check")
    assert done.status == 2
    assert "no_such_module" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_formatter_of_the_project_itself_is_used_as_it_is_now(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its changes are no change of a file that a build looks at, so the build is not skipped."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(vault.root), os.environ.get("PYTHONPATH", ""))))
    fence = "{name: loud, class: loud, format: !!python/name:own_fences.loud }"
    vault.configure(f"markdown_extensions: [{{pymdownx.superfences: {{custom_fences: [{fence}]}}}}]\n")
    vault.write("Home.md", "```loud\nwords\n```\n")
    for sign in ("!", "!!"):
        code = f"def loud(source, *args, **more):\n    return '<p>' + source.upper() + '{sign}</p>'\n"
        (vault.root / "own_fences.py").write_text(code)
        vault.build()
        assert f"<p>WORDS{sign}</p>" in vault.page("")
