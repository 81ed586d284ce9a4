"""Search as a reader has it: Material's box over our index, on a small site below a path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.accessibility import PHONE, SCREENS, obstacles
from tests.browser.conftest import watch
from tests.browser.serving import serve_notes

NOTES = {
    "index.md": "# Home\n\nWelcome to a walk.",
    "Self-Attention.md": "---\naliases: [Looking Inward]\n---\nEach token looks at every other.\n\n"
    "## How a walrus rests\n\nPlain words. Dropout is a kind of regularization. More words.\n",
    "Position.md": "Of self-attention it is said that it knows no order.",
    "Markup.md": "---\ntitle: A <img src=x> & claim\n---\nNothing here is `<b>bold</b>`.",
    "Naïve Bayes.md": "Café crème.",
    "注意機構.md": "これは自己注意機構である。",
    **{f"Row/Row {number}.md": "There is plenty." for number in range(25)},
}


@pytest.fixture(scope="session")
def site_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a small site, built without a word about search in its settings."""
    yield from serve_notes(tmp_path_factory.mktemp("search"), NOTES)


def open_box(page: Page, address: str) -> Locator:
    """Return the box in which a reader types, once it listens."""
    page.goto(address)
    expect(page.get_by_text("Type to start searching")).to_be_attached()
    page.keyboard.press("/")
    box = page.get_by_role("textbox", name="Search")
    expect(box).to_be_focused()
    return box


@pytest.fixture(scope="module")
def opened(browser: Browser, site_url: str) -> Iterator[Page]:
    """A page that is opened once, for tests that do no more than `ask`."""
    context = browser.new_context()
    page = context.new_page()
    complaints = watch(page, site_url)
    open_box(page, site_url)
    yield page
    context.close()
    assert not complaints


def ask(page: Page, query: str) -> None:
    """Set a query in the place of the last one, once the answers to that are gone."""
    box = page.get_by_role("textbox", name="Search")
    box.fill("")
    expect(page.get_by_text("Type to start searching")).to_be_visible()
    expect(hits(page)).to_have_count(0)
    box.fill(query)


def hits(page: Page) -> Locator:
    return page.get_by_role("search").get_by_role("link")


@pytest.mark.parametrize(
    ("query", "title", "shown"),
    [
        ("self-attention", "Self-Attention", "Each token looks at every other."),
        ("self attention", "Self-Attention", "Each token looks at every other."),
        ("slef-atention", "Self-Attention", "Each token looks at every other."),
        ("inward", "Self-Attention", "Looking Inward"),
        ("walrus", "Self-Attention", "How a walrus rests"),
        ("regulraization", "Self-Attention", "Dropout is a kind of regularization."),
        ("naive", "Naïve Bayes", "Café crème."),
        ("CREME", "Naïve Bayes", "Café crème."),
        ("自己注意", "注意機構", "これは自己注意機構である。"),
        ("img src", "A <img src=x> & claim", "Nothing here is <b>bold</b>."),
    ],
)
def test_a_query_finds_first(opened: Page, query: str, title: str, shown: str) -> None:
    """By title, alias, heading, text, with typing errors, in any script; what a note holds is text."""
    ask(opened, query)
    first = opened.get_by_role("search").get_by_role("listitem").first
    expect(first.get_by_role("heading", level=1)).to_have_text(title)
    expect(first).to_contain_text(shown)
    expect(first.locator("img, b")).to_have_count(0)


def test_a_hit_in_a_section_opens_there(page: Page, site_url: str) -> None:
    open_box(page, f"{site_url}position/").press_sequentially("walrus")
    hits(page).filter(has_text="How a walrus rests").click()
    expect(page).to_have_url(re.compile(r"/notes/self-attention/[^#]*#how-a-walrus-rests$"))
    expect(page.get_by_role("heading", name="How a walrus rests")).to_be_in_viewport()


@pytest.mark.parametrize("key", ["/", "s", "f"])
def test_search_by_keyboard_alone(page: Page, site_url: str, key: str) -> None:
    page.goto(site_url)
    expect(page.get_by_text("Type to start searching")).to_be_attached()
    page.keyboard.press(key)
    box = page.get_by_role("textbox", name="Search")
    expect(box).to_be_focused()
    page.keyboard.insert_text("self-attention")  # at once: results of a word half typed would take the focus with them
    expect(hits(page)).not_to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(hits(page).filter(has_text="Each token looks")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Self-Attention")


def test_escape_closes_the_box(page: Page, site_url: str) -> None:
    box = open_box(page, site_url)
    box.press_sequentially("walrus")
    page.keyboard.press("Escape")
    expect(box).not_to_be_focused()


def test_search_on_a_phone(browser: Browser, site_url: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    page.goto(site_url)
    expect(page.get_by_text("Type to start searching")).to_be_attached()
    page.locator("label[for=__search].md-header__button").tap()
    page.get_by_role("textbox", name="Search").press_sequentially("walrus")
    expect(hits(page).first).to_be_visible()
    shown = page.get_by_role("search").bounding_box()
    assert shown
    assert round(shown["width"]) <= PHONE["width"]  # it slides in, and ends a hair beside a whole number
    hits(page).filter(has_text="How a walrus rests").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Self-Attention")
    context.close()


@pytest.mark.parametrize("query", ["zzzz", "a" * 2000, "<zzz>"])
def test_what_nothing_matches_is_said(opened: Page, query: str) -> None:
    ask(opened, query)
    expect(opened.get_by_role("status").filter(has_text="No matching documents")).to_be_visible()
    expect(hits(opened)).to_have_count(0)


def test_a_long_query_is_answered(opened: Page) -> None:
    """By the notes that hold most of its words."""
    ask(opened, "walrus " + " ".join(f"word{number}" for number in range(300)))
    expect(hits(opened).filter(has_text="How a walrus rests")).to_be_visible()


def test_how_many_there_are_beyond_those_shown_is_said(opened: Page) -> None:
    ask(opened, "plenty")
    expect(opened.get_by_role("status").filter(has_text="25 matching documents, the best 10 shown")).to_be_visible()


def test_an_answer_that_comes_late_does_not_take_the_place_of_a_later_one(page: Page, site_url: str) -> None:
    """Of a reader who types on while passages are on their way."""
    held: list[Route] = []
    page.route("**/notes/*.json", lambda route: route.continue_() if held else held.append(route))
    box = open_box(page, site_url)
    box.fill("walrus")
    while not held:
        page.wait_for_timeout(10)
    box.fill("plenty")
    expect(hits(page)).to_have_count(10)
    with page.expect_response("**/notes/*.json"):
        held[0].continue_()
    page.wait_for_timeout(200)
    expect(hits(page)).to_have_count(10)
    expect(hits(page).filter(has_text="walrus")).to_have_count(0)


def test_no_passages_are_fetched_for_a_word_that_the_reader_typed_on_from_at_once(page: Page, site_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_box(page, site_url)
    page.evaluate(
        """words => {
      const input = document.querySelector(".md-search__input");
      for (input.value of words) input.dispatchEvent(new Event("input"));
    }""",
        ["walrus", "self", "plenty"],
    )
    expect(hits(page)).to_have_count(10)
    assert sum("/notes/" in url.removeprefix(site_url) for url in asked) == 10


def test_a_reader_who_is_offline_is_told_and_can_go_on_later(browser: Browser, site_url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    box = open_box(page, site_url)
    context.set_offline(True)
    box.fill("walrus")
    expect(page.get_by_role("status").filter(has_text="Search cannot be reached")).to_be_visible()
    context.set_offline(False)
    box.fill("walrus rests")
    expect(hits(page).filter(has_text="How a walrus rests")).to_be_visible()
    context.close()


def test_a_page_that_is_only_read_fetches_no_index(page: Page, site_url: str) -> None:
    """But the settings of the box, which name it."""
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.removeprefix(site_url)))
    with page.expect_response(f"{site_url}search/search_index.json") as settings:
        page.goto(site_url, wait_until="networkidle")
    expect(page.get_by_text("Type to start searching")).to_be_attached()
    found = {url for url in asked if "search" in url or "workers" in url}
    assert found <= {"search/search_index.json", "assets/wikitorch/search.js"}
    assert len(settings.value.body()) < 200


@pytest.mark.parametrize(("viewport", "scheme"), SCREENS)
def test_axe_finds_no_obstacle_in_the_open_box(browser: Browser, site_url: str, viewport: Any, scheme: Any) -> None:
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    open_box(page, site_url).press_sequentially("self-attention")
    expect(hits(page).first).to_be_visible()
    found = obstacles(page, ".md-search")
    context.close()
    assert not found


def test_the_site_holds_no_index_of_materials(site_url: str, page: Page) -> None:
    answer = page.request.get(f"{site_url}search/search_index.json").json()
    assert answer["docs"] == []
