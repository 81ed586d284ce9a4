"""What the graph page shows, told by its address and read as a list, without WebGL or script too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.graph_page import choose, chosen, listed, open_graph, serve_site, status
from tests.browser.serving import serve_notes

WITHOUT_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null"


@pytest.fixture(scope="session")
def site_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve_site(tmp_path_factory.mktemp("graph"))


_ALL = 9
STATES = {
    "folder=Parts": ["Decoder", "Encoder", "Mask", "Wanted One"],
    "folder=Parts%2FDeep": ["Mask"],
    "folder=Part": ["Lonely Café"],
    "tag=layers": ["Decoder", "Encoder", "Wanted One"],
    "tag=idea": ["Attention", "Attention is all you need"],
    "without=note,wanted": ["Attention is all you need"],
    "find=coder": ["Decoder", "Encoder"],
    "node=note%3AParts%2FDeep%2FMask.md&steps=1": ["Decoder", "Mask"],
    "node=note%3AParts%2FDeep%2FMask.md&steps=2": ["Attention", "Decoder", "Encoder", "Home", "Mask"],
    "folder=Gone&tag=gone&node=note%3AGone.md&steps=7&at=a,b": None,
}


def test_an_address_leads_to_a_state(page: Page, site_url: str) -> None:
    """And what it tells amiss is left out."""
    open_graph(page, site_url, "#view=list&tag=layers")
    for fragment, titles in STATES.items():
        page.evaluate("hash => { location.hash = hash }", f"#view=list&{fragment}")
        said = f"{len(titles)} of {_ALL} nodes" if titles else f"{_ALL} nodes."
        expect(status(page)).to_contain_text(said)
        assert titles is None or listed(page) == titles, fragment


def test_an_address_is_not_written_over_before_it_is_followed(page: Page, site_url: str) -> None:
    """Not even where the one of the state before is written just then."""
    page.add_init_script("""
        const [later, due] = [window.setTimeout, []]
        window.setTimeout = (call, pause, ...rest) => (pause === 250 ? due.push(call) : later(call, pause, ...rest))
        window.writeNow = () => due.splice(0).forEach(call => call())
    """)
    open_graph(page, site_url, "#view=list")
    page.evaluate("location.hash = '#view=list&folder=Parts'")
    expect(status(page)).to_contain_text("4 of 9 nodes")
    page.evaluate("location.hash = '#view=list&tag=idea'; writeNow()")
    expect(status(page)).to_contain_text("2 of 9 nodes")
    assert listed(page) == STATES["tag=idea"]


def test_the_address_tells_the_state(page: Page, site_url: str) -> None:
    open_graph(page, site_url)
    choose(page, "mask", "Mask")
    page.get_by_role("button", name="2 steps").click()
    page.get_by_role("combobox", name="Folder").select_option("Parts")
    page.get_by_role("checkbox", name="wanted").uncheck()
    expect(page).to_have_url(re.compile(r"node=note%3AParts%2FDeep%2FMask\.md.*steps=2"))
    expect(page).to_have_url(re.compile(r"without=wanted.*folder=Parts"))
    address = page.url
    page.goto(site_url)
    page.goto(address)
    expect(page.get_by_role("combobox", name="Folder")).to_have_value("Parts")
    expect(page.get_by_role("checkbox", name="wanted")).not_to_be_checked()
    expect(page.get_by_role("button", name="2 steps")).to_have_attribute("aria-pressed", "true")
    expect(status(page)).to_have_text("3 of 9 nodes shown.")


def test_the_address_tells_what_is_looked_for_and_the_list(page: Page, site_url: str) -> None:
    open_graph(page, site_url)
    page.get_by_role("combobox", name="Find").fill("coder")
    page.get_by_role("radio", name="List").check()
    expect(page).to_have_url(re.compile(r"#find=coder&view=list$"))
    page.reload()
    expect(status(page)).to_have_text("2 of 9 nodes match.")
    assert listed(page) == ["Decoder", "Encoder"]


def test_a_place_in_the_picture_is_told_and_found_again(page: Page, site_url: str) -> None:
    open_graph(page, site_url)
    page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile(r"#at=0\.500%2C0\.500%2C0\.625$"))
    page.reload()
    expect(status(page)).to_have_text("9 nodes.")
    page.get_by_role("button", name="Zoom out").click()
    expect(page).to_have_url(re.compile(r"graph/$"))


def test_another_fragment_changes_the_page(page: Page, site_url: str) -> None:
    open_graph(page, site_url)
    page.evaluate("location.hash = '#tag=layers'")
    expect(status(page)).to_have_text("3 of 9 nodes shown.")
    expect(page.get_by_role("combobox", name="Tag")).to_have_value("layers")


def test_the_list_is_filtered_and_leads_to_notes(page: Page, site_url: str) -> None:
    open_graph(page, site_url)
    page.get_by_role("radio", name="List").check()
    expect(page.get_by_role("application", name="Graph")).to_be_hidden()
    assert len(listed(page)) == 9
    page.get_by_role("checkbox", name="notes 6", exact=True).uncheck()
    assert len(listed(page)) == 3
    page.get_by_role("checkbox", name="notes 6", exact=True).check()
    page.get_by_role("button", name="Show what is next to Mask").click()
    assert listed(page) == ["Decoder", "Mask"]
    page.locator("wikitorch-graph table").get_by_role("link", name="Decoder").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Decoder")


@pytest.fixture(scope="session")
def lonely_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site of one note."""
    yield from serve_notes(tmp_path_factory.mktemp("lonely"), {"Only.md": "Words."})


def test_a_graph_of_one_node_is_drawn_and_chosen_by_key(browser: Browser, lonely_url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{lonely_url}graph/")
    expect(status(page)).to_have_text("1 node.")
    expect(page.get_by_role("article")).not_to_contain_text("Every line")
    page.get_by_role("application", name="Graph").focus()
    page.keyboard.press("ArrowRight")
    expect(chosen(page)).to_contain_text("0 neighbors")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Only")
    context.close()


def test_without_webgl_there_is_the_list(browser: Browser, site_url: str) -> None:
    context = browser.new_context()
    context.add_init_script(WITHOUT_WEBGL)
    page = context.new_page()
    page.goto(f"{site_url}graph/")
    expect(status(page)).to_contain_text("needs WebGL")
    expect(page.get_by_role("radio", name="Picture")).to_be_disabled()
    assert len(listed(page)) == 9
    context.close()


def test_without_script_there_is_the_list(browser: Browser, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_url}graph/")
    expect(page.get_by_role("application")).to_be_hidden()
    item = page.get_by_role("article").get_by_role("listitem").filter(has_text=re.compile("^Decoder"))
    expect(item).to_have_text("Decoder links to Attention, Encoder")
    item.get_by_role("link", name="Encoder").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Encoder")
    context.close()
