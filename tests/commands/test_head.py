"""What a note says of itself is text on its built page, whatever signs it holds: no template reads it as HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from tests.commands.conftest import Vault

HOSTILE = 'T </title><script>alert("t")</script> <b>&amp; "quoted" \'it\''
DESCRIPTION = 'D "><script>alert(1)</script> </head> <i>& &lt;'


class Reader(HTMLParser):
    """Collects what a browser would make of a page: its title, its metadata, its tags, its article."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = ""
        self.meta: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        self.open = tag
        if tag == "meta" and "name" in values:
            self.meta[values["name"]] = values["content"]

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def handle_data(self, data: str) -> None:
        self.title += data if self.open == "title" and len(self.tags) < 40 else ""


@pytest.fixture
def built(vault: Vault) -> Vault:
    vault.write("index.md", "[[A]] [[B]]")
    vault.write("A.md", f"---\ntitle: {quote(HOSTILE)}\ndescription: {quote(DESCRIPTION)}\n---\nWords.\n")
    vault.write("B.md", "---\ncssclasses: [wide, camelCase]\n---\n# The `<b>` element\n\nWords.\n")
    assert vault.build("--no-run").status == 0
    return vault


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def test_a_title_is_text_and_so_is_a_description(built: Vault) -> None:
    read = Reader(built.page("a"))
    assert read.title == f"{HOSTILE} - A vault"
    assert read.meta["description"] == DESCRIPTION


@pytest.mark.parametrize("page", ["", "a", "b"])
def test_no_page_holds_the_markup_of_a_title(built: Vault, page: str) -> None:
    """The navigation, the header and the links to the page before and after show titles, too."""
    html = built.page(page)
    assert "alert(" in html
    assert "<script>alert(" not in html
    assert not any(tag in ("b", "i") for tag, _ in Reader(html).tags)


def test_the_navigation_shows_a_title_once_encoded(built: Vault) -> None:
    assert "The &lt;b&gt; element" in built.page("a")
    assert "&amp;lt;b" not in built.page("a")


def test_the_article_has_the_classes_that_a_note_asks_for(built: Vault) -> None:
    """As they are written, where style sheets for Obsidian expect them: around title and words."""
    classes = [values["class"].split() for tag, values in Reader(built.page("b")).tags if tag == "article"]
    assert classes == [["wide", "camelCase", "md-content__inner", "md-typeset"]]
