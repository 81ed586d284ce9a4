"""Accessibility: what axe-core finds on a page, and the screens that it is shown on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}
SCREENS = (({"width": 1440, "height": 1000}, "light"), (PHONE, "dark"))
_AXE = Path(__file__).parents[2] / "site_builder/frontend/node_modules/axe-core/axe.min.js"


def obstacles(page: Page, within: str = "html") -> list[tuple[str, str]]:
    """Return the rules of axe-core that an element of the page breaks, each with the first place where it does."""
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("within => axe.run(within, {resultTypes: ['violations']})", within)
    return [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]
