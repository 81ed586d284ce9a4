"""A small site with a graph, and what a reader does on its graph page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.serving import serve_notes

NOTES = {
    "index.md": '# Home\n\n[[Encoder]], [[Decoder]], [[Alone\'s "Friend" & <b>Co]].',
    "Parts/Encoder.md": "---\ntags: [layers]\n---\nOf [[Attention]] and of [[Wanted One]].",
    "Parts/Decoder.md": "---\ntags: [layers]\n---\nOf [[Attention]] and [[Encoder]].",
    "Parts/Deep/Mask.md": "What [[Decoder]] hides.",
    "Attention.md": "---\ntags: [idea/core]\n---\nLooks around.[^1]\n\n"
    "[^1]: Vaswani, A. Attention is all you need. arXiv:1706.03762, 2017.",
    "Part/Lonely Café.md": "Nobody links here.",
}


def serve_site(root: Path) -> Iterator[str]:
    """Build the site in an empty folder, and yield its address, below a path."""
    yield from serve_notes(root, NOTES)


def open_graph(page: Page, site_url: str, fragment: str = "") -> Locator:
    """Open the graph page, and return the picture once it is drawn."""
    page.goto(f"{site_url}graph/{fragment}")
    expect(page.get_by_role("status").filter(has_text="nodes")).to_be_visible()
    return page.get_by_role("application", name="Graph")


def status(page: Page) -> Locator:
    return page.locator("wikitorch-graph").get_by_role("status")


def chosen(page: Page) -> Locator:
    return page.get_by_role("region", name="Chosen node")


def matches(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Matching nodes").get_by_role("option")


def choose(page: Page, query: str, title: str) -> None:
    """Find a node by its title, and choose it."""
    page.get_by_role("combobox", name="Find").fill(query)
    matches(page).filter(has_text=title).first.click()
    expect(chosen(page)).to_contain_text(title)


def spot(page: Page) -> tuple[float, float]:
    """Return where the chosen node is, when it is alone in the picture's middle."""
    frame = page.get_by_role("application", name="Graph").bounding_box()
    assert frame
    return frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2


def listed(page: Page) -> list[str]:
    """Return the titles in the list."""
    return page.locator("wikitorch-graph").get_by_role("rowheader").all_inner_texts()
