"""Two vaults on disk: one that holds every construct once, and one with what breaks other tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder.cache import Cache
from site_builder.compile import compile_site
from site_builder.project import Project
from site_builder.read import NOTE_ENDINGS
from site_builder.settings import Settings
from site_builder.site import Site
from tests.properties.strategies import Balance, page_of

_VAULTS = Path(__file__).parents[1] / "vaults"
_EXPECTED = {
    "broken properties.md": ["P001"],
    "broken.canvas": ["P006", "P006", "P006", "P006", "L004"],
    "drawing.excalidraw.md": ["P010"],
    "figure.md": ["L002"],
    "latin-1.md": ["R001"],
    "library.bib": ["G004", "G004"],
    "no json.canvas": ["P006"],
    "placeholders.md": ["P002", "L001", "P002", "P002"],
    "self.md": ["L004"],
}


@pytest.fixture(scope="module", params=["tour", "hostile"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def site(name: str) -> Site:
    return _compile(name)


def _compile(name: str) -> Site:
    return compile_site(Project(_VAULTS, _VAULTS / name, "Test", Settings()), Cache(None), run=False)


def test_every_published_note_has_a_page_of_its_own(name: str, site: Site) -> None:
    """Each note has one page, no two share an address, and unpublished notes have none."""
    held_back = {"private.md", "Held back.md"}
    vault = _VAULTS / name
    notes = {path.relative_to(vault).as_posix() for path in vault.rglob("*") if path.suffix in NOTE_ENDINGS} - held_back
    assert sorted(page.note for page in site.pages if page.note) == sorted(notes)
    assert len({page.path for page in site.pages}) == len(site.pages)


def test_every_page_closes_what_it_opens(site: Site) -> None:
    """Each page is balanced HTML; one note opens HTML of its own and does not close it."""
    faulty = {page.note: faults for page in site.pages if (faults := Balance(page.html).faults)}
    assert set(faulty) <= {"unclosed.md"}


def test_what_is_wrong_is_reported_and_nothing_else() -> None:
    """The hostile vault's diagnostics are those that its faults deserve, file by file."""
    found: dict[str, list[str]] = {}
    for each in _compile("hostile").diagnostics:
        found.setdefault(each.file.path, []).append(each.rule.code)
    assert found == _EXPECTED


def test_the_tour_is_clean_but_for_what_it_shows_on_purpose() -> None:
    """The tour links to a note not written, by an alias, and with other capitals, and has a base: no more is said."""
    assert sorted(each.rule.code for each in _compile("tour").diagnostics) == ["L001", "L005", "L006", "P010"]


def test_line_ends_and_byte_order_marks_change_nothing() -> None:
    """A note with Windows line ends and one with a byte-order mark read as any other."""
    site = _compile("hostile")
    html = page_of(site, "crlf.md").html
    assert page_of(site, "crlf.md").title == "Windows lines"
    assert "\r" not in html
    assert all(part in html for part in ('id="^id"', "<mark>light</mark>", "task-list-item", "<td>b</td>", "Foot."))
    assert "hidden" not in html
    assert page_of(site, "bom.md").title == "With a mark"


def test_names_that_other_tools_trip_over_are_linked() -> None:
    """Emoji, Chinese, spaces before the extension and names that differ by case lead to their notes."""
    edges = {(edge.source, edge.target) for edge in _compile("hostile").graph.edges}
    assert {
        ("note:🙂 emoji.md", "note:漢字.md"),
        ("note:trailing .md", "note:trailing .md"),
        ("note:Case.md", "note:case.md"),
        ("note:case.md", "note:Case.md"),
        ("note:topic/inside.md", "note:topic.md"),
        ("note:b/figure.md", "attachment:b/fig.png"),
        ("note:figure.md", "attachment:a/fig.png"),
    } <= edges


def test_a_private_note_leaves_nothing_behind() -> None:
    """No page, file, node or attachment holds the words, the name or the picture of an unpublished note."""
    site = _compile("hostile")
    assert not any("Secret words" in page.html for page in site.pages)
    assert not any("private.md" in text or "only here" in text for text in site.files.values())
    assert "only here.png" not in site.attachments


def test_the_drawing_s_data_is_not_shown() -> None:
    """Of an Excalidraw file readers see the words, not the compressed drawing."""
    html = page_of(_compile("hostile"), "drawing.excalidraw.md").html
    assert "words" in html
    assert "compressed-json" not in html
    assert "N4KAk" not in html
