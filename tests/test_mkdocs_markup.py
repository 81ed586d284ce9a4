"""Pages in MkDocs' dialect: rendered by Python-Markdown, linked and sanitized as notes are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pymdownx.superfences import fence_div_format

from site_builder.cache import Cache
from site_builder.compile import compile_site
from site_builder.project import MarkdownSettings, Project
from site_builder.settings import Settings
from site_builder.site import Page, Site

_MARKDOWN = MarkdownSettings(
    ("toc", "tables", "fenced_code", "admonition", "attr_list", "md_in_html", "pymdownx.tabbed", "pymdownx.details"),
    {"pymdownx.tabbed": {"alternate_style": True}, "toc": {"permalink": True}},
)
_PAGE = """---
markup: mkdocs
requires: "[[Note]]"
---
# A page of *another* kind

!!! note "A title"

    In it [[Note|a wikilink]], [a link](folder/Other.md#a-part) and [[Nowhere]].

=== "One"

    ![[dot.png]] ![a dot](dot.png)

=== "Two"

    `[[Code]]` and [out](https://example.org)

## Second part

<div class="grid cards" markdown>

- **Card** with [[Secret]]{ .md-button }

</div>
"""


def _site(folder: Path, files: dict[str, str], **settings: object) -> Site:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return compile_site(Project(folder, folder, "Test", Settings(**settings), _MARKDOWN), Cache(None), run=False)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    files = {
        "Page.md": _PAGE,
        "Note.md": "See [[Page#Second part]] and [[Page#Third]].",
        "folder/Other.md": "## A part",
        "Secret.md": "---\npublish: false\n---\n",
        "dot.png": "",
    }
    return _site(tmp_path_factory.mktemp("vault"), files)


def _page(site: Site, note: str) -> Page:
    return next(page for page in site.pages if page.note == note)


def test_extensions_of_mkdocs_do_their_work(site: Site) -> None:
    """Admonitions, content tabs and cards are what Material's style sheet expects."""
    html = _page(site, "Page.md").html
    assert '<div class="admonition note">' in html
    assert '<input checked="checked" id="__tabbed_1_1" name="__tabbed_1" type="radio">' in html
    assert '<div class="grid cards">' in html


def test_links_lead_where_notes_lead(site: Site) -> None:
    """Wikilinks and Markdown links get the site's addresses, in indented blocks too; code keeps its brackets."""
    html = _page(site, "Page.md").html
    assert '<a href="../note/">a wikilink</a>' in html
    assert '<a href="../folder/other/#a-part">a link</a>' in html
    assert 'src="../dot.png"' in html
    assert '<a class="wanted-note" title="Not written yet">Nowhere</a>' in html
    assert "<a>Secret</a>" in html.replace(' class="md-button"', "")
    assert "<code>[[Code]]</code>" in html


def test_links_are_edges_and_faults_have_a_place(site: Site) -> None:
    """The graph has the page's links where they stand, and a dead one is told there."""
    edges = {(edge.target, edge.line, edge.column) for edge in site.graph.edges if edge.source == "note:Page.md"}
    assert {("note:Note.md", 9, 11), ("note:folder/Other.md", 9, 32), ("wanted:Nowhere", 9, 69)} <= edges
    told = [(each.rule.code, each.file.path, each.file.position(each.span.start).line) for each in site.diagnostics]
    assert told == [("L003", "Note.md", 1), ("L001", "Page.md", 9)]


def test_headings_are_found_by_links_from_notes(site: Site) -> None:
    """A heading's address is the one that Python-Markdown gives it; the first is the page's title."""
    assert '<a href="../page/#second-part">' in _page(site, "Note.md").html
    page = _page(site, "Page.md")
    assert page.title == "A page of another kind"
    assert page.html.count("<h1") == 1
    assert [entry.anchor for entry in page.toc][:1] == ["second-part"]


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        '<div onclick="alert(1)" markdown>words</div>',
        "[x](javascript:alert(1))",
        "words\n{: onclick=alert(1) }",
        "<svg><script>alert(1)</script></svg>",
        '<a href="jav&#x61;script:alert(1)">x</a>',
        '<iframe src="https://example.org"></iframe>',
    ],
)
def test_what_runs_code_does_not_come_through(tmp_path: Path, attack: str) -> None:
    """Raw HTML, attribute lists and links are cleaned; a vault that is trusted keeps them."""
    files = {"Page.md": f"---\nmarkup: mkdocs\n---\nBefore.\n\n{attack}\n\nAfter."}
    html = _page(_site(tmp_path, files), "Page.md").html
    body = html.partition('<div class="note-body">')[2]
    assert "Before." in body
    assert "After." in body
    assert not any(sign in body for sign in ("alert", "<iframe", "<script"))
    assert "example.org" in attack or "alert" in _page(_site(tmp_path, files, trust_html=True), "Page.md").html


def test_patterns_of_paths_choose_the_dialect(tmp_path: Path) -> None:
    """`markup` in the settings; a note's own property wins."""
    files = {
        "api/A.md": "!!! note\n\n    In it.",
        "api/B.md": "---\nmarkup: obsidian\n---\n!!! note\n\n    In it.",
        "C.md": "!!! note\n\n    In it.",
    }
    site = _site(tmp_path, files, markup={"api/*": "mkdocs"})
    admonished = {str(page.note) for page in site.pages if 'class="admonition note"' in page.html}
    assert admonished == {"api/A.md"}


def test_an_unknown_dialect_is_told(tmp_path: Path) -> None:
    """With the near match; the note is read as an ordinary one."""
    site = _site(tmp_path, {"A.md": "---\nmarkup: mkdoc\n---\n==Words=="})
    (told,) = site.diagnostics
    assert (told.rule.code, told.hint) == ("P009", "did you mean `mkdocs`?")
    assert "<mark>Words</mark>" in _page(site, "A.md").html


def test_an_extension_that_fails_is_told(tmp_path: Path) -> None:
    """The page shows its source, and the other pages are there."""
    markdown = MarkdownSettings(("no.such.extension",), {})
    (tmp_path / "A.md").write_text("---\nmarkup: mkdocs\n---\n<b>Words</b>")
    (tmp_path / "B.md").write_text("Fine.")
    site = compile_site(Project(tmp_path, tmp_path, "Test", Settings(), markdown), Cache(None), run=False)
    assert [each.rule.code for each in site.diagnostics] == ["P008"]
    assert "&lt;" in _page(site, "A.md").html
    assert "Fine." in _page(site, "B.md").html


def _fail(*values: object, **more: object) -> str:
    raise ValueError("no luck")


_FENCES = (
    {"name": "plain", "class": "code"},
    {"name": "drawing", "class": "drawing", "format": fence_div_format},
    {"name": "broken", "class": "x", "format": _fail},
)
_FENCED = MarkdownSettings(
    ("fenced_code", "attr_list", "pymdownx.superfences"), {"pymdownx.superfences": {"custom_fences": _FENCES}}
)


def _fenced(folder: Path, text: str, markdown: MarkdownSettings = _FENCED) -> Site:
    (folder / "A.md").write_text(text)
    return compile_site(Project(folder, folder, "Test", Settings(), markdown), Cache(None), run=False)


@pytest.mark.parametrize("head", ["", "---\nmarkup: mkdocs\n---\n"])
def test_a_custom_fence_goes_through_its_formatter(tmp_path: Path, head: str) -> None:
    """In notes as on pages in MkDocs' dialect; pymdownx's own formatters have their classes and ids."""
    text = "```plain\n1 < 2\n```\n\n- In a list\n\n    ~~~{.drawing .wide #one}\n    `````\n    ~~~\n"
    html = _page(_fenced(tmp_path, head + text), "A.md").html
    assert '<pre class="code"><code>1 &lt; 2' in html
    assert re.search('<div (id="one" )?class="drawing wide"( id="one")?>`````', html)


@pytest.mark.parametrize(("head", "line"), [("", 3), ("---\nmarkup: mkdocs\n---\n", 6)])
def test_a_fence_whose_formatter_raises_is_told_and_shown_as_code(tmp_path: Path, head: str, line: int) -> None:
    site = _fenced(tmp_path, f"{head}Words.\n\n```broken\nkept <b>\n```\n")
    (told,) = site.diagnostics
    assert (told.rule.code, told.message) == ("P008", "the formatter of `broken` failed: ValueError: no luck")
    assert told.file.position(told.span.start).line == line
    assert re.search("<pre>(<span></span>)?<code>kept &lt;b&gt;", _page(site, "A.md").html)


def test_what_a_formatter_does_not_take_is_code(tmp_path: Path) -> None:
    """As superfences has it: options that are not the formatter's own."""
    html = _page(_fenced(tmp_path, '```plain lines="3"\nkept\n```\n'), "A.md").html
    assert '<div class="language-plain highlight">' in html


def test_an_extension_that_fails_with_fences_is_told(tmp_path: Path) -> None:
    """The fence is code, and nothing raises."""
    broken = MarkdownSettings(("no.such.extension", "pymdownx.superfences"), _FENCED.configs)
    site = _fenced(tmp_path, "```plain\nkept\n```\n", broken)
    assert [each.rule.code for each in site.diagnostics] == ["P008"]
    assert "kept" in _page(site, "A.md").html
