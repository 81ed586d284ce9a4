"""What a reader perceives on the built site."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import SCREENS, obstacles

PAGES = (
    "",
    "transformer/transformer/",
    "transformer/transformer/reading-path/",
    "attention/causal-mask/",
    "attention/cost-of-attention/",
    "tags/attention/",
    "references/",
    "graph/",
    "graph/overview/",
)


def test_a_reader_follows_concepts_from_home_to_the_transformer(page: Page, site_url: str) -> None:
    page.goto(site_url)
    words = page.get_by_role("article")
    words.get_by_role("link", name="Encoder", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Encoder")
    words.get_by_role("link", name=re.compile("^Transformer")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transformer")
    expect(words.get_by_role("heading", name="Code")).to_be_visible()
    expect(words.locator(".wt-source")).to_contain_text("class Transformer")
    expect(words.locator(".wt-output").first).to_be_visible()
    expect(words.locator(".wt-picture svg").first).to_be_visible()
    backlinks = words.locator("#backlinks + .wt-backlinks")
    expect(backlinks).to_contain_text("The picture of it all is in Transformer.")
    backlinks.get_by_role("link", name="Transformer Map", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transformer Map")


def test_the_transformer_is_seen_translating(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}transformer/transformer/")
    shown = page.locator(".wt-notebook")
    expect(shown).to_contain_text(re.compile(r"[a-z]+ hundred"))
    expect(shown.locator(".wt-picture").first).to_be_visible()


def test_checks_stand_on_the_page_as_they_came_out(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}attention/self-attention/")
    checks = page.locator(".wt-check")
    assert checks.count() >= 5
    expect(page.locator(".wt-check--failed")).to_have_count(0)
    expect(page.locator(".wt-verdict")).to_contain_text("passed for exactly this source")


def test_a_claim_leads_to_the_check_that_decides_it(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}attention/self-attention/")
    page.locator(".claim-verdict").first.click()
    expect(page.locator(":target")).to_have_class(re.compile("wt-check"))


def test_a_diagram_is_drawn_in_the_colors_of_the_page(page: Page, site_url: str) -> None:
    """Mermaid comes from the site, and only to pages that have a diagram; light turned to dark redraws it."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site_url}transformer/encoder/")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "diagram" in url]
    page.goto(f"{site_url}transformer/auto-regressive-generation/")
    diagram = page.get_by_role("img", name="The loop of auto-regressive generation")
    expect(diagram).to_contain_text("Target so far")
    node = diagram.locator(".node rect").first
    light = node.evaluate("node => getComputedStyle(node).fill")
    page.get_by_title("Switch to dark").click()
    expect(node).not_to_have_css("fill", light)
    expect(page.get_by_text("The diagram as text")).to_be_visible()
    expect(page.get_by_text("flowchart LR")).to_be_hidden()


def test_a_diagram_that_is_broken_says_so_and_shows_its_text(page: Page, site_url: str) -> None:
    address = f"{site_url}transformer/auto-regressive-generation/"
    page.route(
        address, lambda route: route.fulfill(body=route.fetch().text().replace("flowchart LR", "flowchart LR ]]]"))
    )
    page.goto(address)
    expect(page.get_by_text("This diagram cannot be drawn")).to_be_visible()
    expect(page.get_by_text("flowchart LR ]]]")).to_be_visible()
    expect(page.get_by_text("Syntax error in text")).to_have_count(0)


def test_a_diagram_is_its_text_without_javascript(browser: Browser, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_url}transformer/auto-regressive-generation/")
    expect(page.get_by_text("flowchart LR")).to_be_visible()
    context.close()


def test_formulas_are_set_without_javascript(browser: Browser, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_url}attention/scaled-dot-product-attention/")
    expect(page.locator(".katex").first).to_be_visible()
    expect(page.locator(".wt-source, .wt-checks").first).to_be_attached()
    expect(page.get_by_role("heading", name="Backlinks")).to_be_visible()
    context.close()


def test_a_reference_page_says_who_cites_the_work(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}references/")
    page.get_by_role("article").get_by_role("link", name=re.compile("Vaswani")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("attention is all you need", re.IGNORECASE))
    expect(page.locator(".wt-backlinks li").first).to_be_visible()


def test_the_graph_page_leads_to_notes(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}graph/#view=list")
    page.get_by_role("article").get_by_role("link", name="Transformer", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transformer")


def test_search_finds_a_note_by_its_title(page: Page, site_url: str) -> None:
    page.goto(site_url)
    box = page.get_by_role("textbox", name="Search")
    box.click()
    expect(page.get_by_text("Type to start searching")).to_be_attached()  # what is typed sooner goes unheard
    box.press_sequentially("positional encoding")
    first = page.locator(".md-search-result__link").first
    expect(first).to_contain_text("Positional Encoding")


def test_downloads_are_there(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}transformer/transformer/")
    links = page.locator(".wt-away a")
    assert links.count() >= 2
    for link in links.all():
        address = link.evaluate("link => link.href")
        assert page.request.get(address).ok


@pytest.mark.parametrize(("viewport", "scheme"), SCREENS)
def test_axe_finds_no_obstacle_and_nothing_scrolls_sideways(
    browser: Browser, site_url: str, viewport: Any, scheme: Any
) -> None:
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    found, too_wide = [], []
    for path in PAGES:
        page = context.new_page()
        page.goto(site_url + path)
        if page.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
            too_wide.append(path)
        found += [(path, *each) for each in obstacles(page)]
        page.close()
    context.close()
    assert not found
    assert not too_wide


def test_the_first_view_of_a_page_is_light(browser: Browser, site_url: str) -> None:
    """Under 150 KB compressed, fonts and search apart."""
    context = browser.new_context()
    page = context.new_page()
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(gzip.compress(answer.body()))}))
    page.goto(f"{site_url}transformer/transformer/", wait_until="networkidle")
    apart = (".woff2", "search_index.json", "/search.", "/workers/", "lunr")
    counted = {url: size for url, size in sizes.items() if not any(part in url for part in apart)}
    context.close()
    assert sum(counted.values()) < 150_000, counted
