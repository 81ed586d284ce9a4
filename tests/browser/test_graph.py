"""The graph page's picture as a reader has it: by pointer, by touch, by keyboard, in the dark, offline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import PHONE, SCREENS, obstacles
from tests.browser.graph_page import choose, chosen, matches, open_graph, serve_site, spot, status


@pytest.fixture(scope="session")
def site_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve_site(tmp_path_factory.mktemp("graph"))


def test_the_picture_shows_all_nodes(page: Page, site_url: str) -> None:
    picture = open_graph(page, site_url)
    expect(picture.locator("canvas").first).to_be_visible()
    expect(status(page)).to_have_text("9 nodes.")
    expect(page.get_by_role("checkbox", name="notes 6", exact=True)).to_be_checked()
    expect(page.get_by_role("checkbox", name="wanted notes 2")).to_be_checked()
    expect(page.get_by_role("checkbox", name="cited works 1")).to_be_checked()


def test_a_click_opens_the_note(page: Page, site_url: str) -> None:
    """A note that stands in the middle, for the address says so."""
    open_graph(page, site_url)
    choose(page, "lonely", "Lonely Café")
    page.wait_for_timeout(400)  # the picture moves there
    page.mouse.click(*spot(page))
    expect(page.get_by_role("heading", level=1)).to_have_text("Lonely Café")


def test_shift_and_a_click_choose_it(page: Page, site_url: str) -> None:
    open_graph(page, site_url)
    choose(page, "lonely", "Lonely Café")
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Let go").click()
    expect(chosen(page)).to_be_hidden()
    page.keyboard.down("Shift")
    page.mouse.click(*spot(page))
    page.keyboard.up("Shift")
    expect(chosen(page).get_by_role("link")).to_have_text("Lonely Café")


def test_a_title_is_found_without_case_and_accents(page: Page, site_url: str) -> None:
    open_graph(page, site_url)
    box = page.get_by_role("combobox", name="Find")
    box.fill("CAFE")
    expect(matches(page)).to_have_count(1)
    expect(status(page)).to_have_text("1 of 9 nodes match.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(chosen(page)).to_contain_text("Lonely Café")
    expect(chosen(page)).to_contain_text("0 neighbors")
    expect(page.get_by_role("application", name="Graph")).to_be_focused()


def test_titles_are_texts(page: Page, site_url: str) -> None:
    open_graph(page, site_url)
    choose(page, "alone", 'Alone\'s "Friend" & <b>Co')
    expect(page.locator("wikitorch-graph b")).to_have_count(0)
    expect(chosen(page)).to_contain_text("not written yet")


def test_by_keyboard_from_node_to_node(page: Page, site_url: str) -> None:
    """An arrow leads to a neighbor, Enter opens what is chosen, Escape lets go."""
    picture = open_graph(page, site_url)
    picture.focus()
    page.keyboard.press("ArrowRight")
    expect(chosen(page)).to_be_visible()
    first = chosen(page).locator("strong").inner_text()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    assert chosen(page).locator("strong").inner_text() != first
    page.keyboard.press("Escape")
    expect(chosen(page)).to_be_hidden()
    choose(page, "encoder", "Encoder")
    expect(picture).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Encoder")


def test_an_arrow_leads_where_it_points(page: Page, site_url: str) -> None:
    open_graph(page, site_url)
    file = page.request.get(f"{site_url}assets/wikitorch/graph-map.json").json()
    places = dict(zip(file["title"], zip(file["x"], file["y"], strict=True), strict=True))
    choose(page, "encoder", "Encoder")
    at, moves = "Encoder", 0
    for key, way, sign in [("Left", 0, -1), ("Right", 0, 1), ("Up", 1, -1), ("Down", 1, 1)] * 2:
        page.keyboard.press(f"Arrow{key}")
        now = chosen(page).locator("strong").inner_text()
        assert now == at or sign * (places[now][way] - places[at][way]) > 0
        moves += now != at
        at = now
    assert moves > 2


def test_zoom_by_keyboard(page: Page, site_url: str) -> None:
    open_graph(page, site_url).focus()
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"at="))
    page.keyboard.press("0")
    expect(page).to_have_url(re.compile(r"graph/$"))


def test_a_reader_who_is_offline_is_told(browser: Browser, site_url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/graph-map.json", lambda route: route.abort())
    page.goto(f"{site_url}graph/")
    expect(status(page)).to_have_text("The graph cannot be loaded. Are you offline?")
    context.close()


def test_light_turns_to_dark_in_the_picture(page: Page, site_url: str) -> None:
    """The labels are drawn anew, in the other color."""
    open_graph(page, site_url)
    assert _brightness(page) > 0  # the rim of paper about each letter
    page.evaluate("document.body.setAttribute('data-md-color-scheme', 'slate')")
    page.wait_for_function(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    assert _brightness(page) < 0


def _brightness(page: Page) -> int:
    """Return whether the labels' layer is rather white, above 0, or rather black."""
    return page.evaluate("""() => {
      const canvas = document.querySelector("canvas.sigma-labels");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 250) sum += data[at] - 127;
      return sum;
    }""")


def test_its_keys_are_listed(page: Page, site_url: str) -> None:
    open_graph(page, site_url).focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("In the graph: open the chosen node")


def test_other_pages_load_none_of_it(page: Page, site_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site_url, wait_until="networkidle")
    assert not [url for url in asked if "assets/wikitorch/graph" in url]


def test_by_touch_the_first_tap_chooses_and_the_second_opens(browser: Browser, site_url: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    open_graph(page, site_url)
    choose(page, "lonely", "Lonely Café")
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Let go").tap()
    page.touchscreen.tap(*spot(page))
    expect(chosen(page).get_by_role("link")).to_have_text("Lonely Café")
    page.wait_for_timeout(600)  # a second tap at once would be a double one
    page.touchscreen.tap(*spot(page))
    expect(page.get_by_role("heading", level=1)).to_have_text("Lonely Café")
    context.close()


@pytest.mark.parametrize(("viewport", "scheme", "view"), [(*SCREENS[0], "picture"), (*SCREENS[1], "list")])
def test_axe_finds_no_obstacle(browser: Browser, site_url: str, viewport: Any, scheme: Any, view: str) -> None:
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    open_graph(page, site_url, f"#view={view}&node=note%3AAttention.md")
    page.get_by_role("combobox", name="Find").fill("coder")
    expect(matches(page).first).to_be_visible()
    found = obstacles(page, "wikitorch-graph")
    context.close()
    assert not found
