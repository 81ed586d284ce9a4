"""What a link shows before it is followed: which files there are, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hypothesis import given, settings

from tests.properties.strategies import compile_files, vaults


def _previews(files: Mapping[str, str]) -> dict[str, str]:
    site = compile_files(files)
    return {path: str(text) for path, text in site.files.items() if re.search(r"(?:^|/)preview(?:\.html$|/)", path)}


def test_a_note_shows_its_title_its_description_and_its_beginning() -> None:
    """Enough words and no more; no footnote marks, no embeds, no heading."""
    text = "---\ndescription: In short.\n---\n# Title\n\n![[B]]\n\nFirst.[^1]\n\n## Later\n\nMore.\n\n[^1]: Note.\n"
    assert _previews({"A.md": text, "B.md": "word " * 80 + "\n\nAgain.\n"})["a/preview.html"] == (
        '<p class="wt-preview__title">Title</p>\n<p class="wt-preview__said">In short.</p>\n<p>First.</p>\n'
    )
    assert "Again" not in _previews({"B.md": "word " * 80 + "\n\nAgain.\n"})["b/preview.html"]


def test_a_linked_heading_or_block_has_a_preview_of_its_own() -> None:
    """Those that nothing links to have none."""
    text = "# A\n\n## One\n\nOf one.\n\n## Two\n\nOf two.\n\n- first ^f\n- second ^s\n"
    found = _previews({"A.md": text, "B.md": "[[A#One]] [[A#^s]]"})
    assert sorted(path for path in found if path.startswith("a/")) == [
        "a/preview.html",
        "a/preview/^s.html",
        "a/preview/one.html",
    ]
    assert found["a/preview/one.html"] == '<p class="wt-preview__title">A › One</p>\n<p>Of one.</p>\n'
    assert found["a/preview/^s.html"] == '<p class="wt-preview__title">A</p>\n<ul>\n<li>second</li>\n</ul>\n'


def test_a_cited_work_says_what_it_is() -> None:
    found = _previews({"A.md": "Words.[^1]\n\n[^1]: Vaswani, Shazeer. *Attention Is All You Need*. NIPS 2017."})
    assert "<cite>Attention Is All You Need</cite>" in found["references/vaswani-2017-attention/preview.html"]


def test_what_is_not_published_is_in_no_preview() -> None:
    files = {"A.md": "To [[B]] and [[B#h]].", "B.md": "---\npublish: false\n---\n## h\n\nsecret"}
    assert list(_previews(files)) == ["a/preview.html"]
    hidden = {"A.md": "## h\n\nWords.", "B.md": "---\npublish: false\n---\n[[A#h]]"}
    assert list(_previews(hidden)) == ["a/preview.html"]
    assert "secret" not in "".join(_previews(files).values())


@settings(max_examples=60, deadline=None)
@given(vaults)
def test_every_note_has_one_and_none_has_an_id(files: Mapping[str, str]) -> None:
    """A preview is shown in other pages, whose ids it must not repeat."""
    site = compile_files(files)
    found = _previews(files)
    assert {f"{page.path}preview.html" for page in site.pages if page.note} <= {*found}
    assert not re.search(r'<[^>]* id="', "".join(found.values()))
