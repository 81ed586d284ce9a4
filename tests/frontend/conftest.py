"""Shows pages in a real browser with the site's own style sheets and script. Knows nothing of how pages are made."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator
from pathlib import Path

import material
import pytest
from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).parents[2]
SITE_BUNDLE = ROOT / "site_builder/bundle/site"
MATERIAL_STYLES = Path(material.__file__).parent / "templates/assets/stylesheets"
ORIGIN = "http://site.test"

Show = Callable[..., Page]


@pytest.fixture
def show(browser: Browser) -> Iterator[Show]:
    """Return a function that shows a note's HTML as a page of the site and waits until its scripts have run."""
    contexts = []

    def show(body: str, *, width: int = 1440, anchor: str = "", scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.route(f"{ORIGIN}/**", lambda route: _answer(route, body, scheme))
        page.goto(f"{ORIGIN}/{anchor}")
        page.evaluate("document.fonts.ready.then(() => {})")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return page

    yield show
    for context in contexts:
        context.close()


def _answer(route: Route, body: str, scheme: str) -> None:
    path = route.request.url.removeprefix(ORIGIN).split("?")[0]
    if path == "/":
        route.fulfill(body=_page(body, scheme), content_type="text/html; charset=utf-8")
        return
    folder = MATERIAL_STYLES if path.startswith("/material/") else SITE_BUNDLE
    file = folder / path.split("/", 2)[2] if path.count("/") > 1 else folder / "missing"
    if file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")
    else:
        route.fulfill(status=404)


def _page(body: str, scheme: str) -> str:
    """Return Material's frame around a page's content, as far as the theme leans on it."""
    sheets = "".join(
        f'<link rel="stylesheet" href="/material/{sheet.name}">' for sheet in sorted(MATERIAL_STYLES.glob("*.css"))
    )
    return f"""<!doctype html><html lang="en"><head><title>A note</title><link rel="icon" href="data:,">{sheets}
<link rel="stylesheet" href="/wikitorch/wikitorch.css"></head>
<body dir="ltr" data-md-color-scheme="{"slate" if scheme == "dark" else "default"}" data-md-color-primary="custom">
<div class="md-container"><main class="md-main"><div class="md-main__inner md-grid">
<div class="md-sidebar md-sidebar--primary"></div><div class="md-sidebar md-sidebar--secondary"></div>
<div class="md-content"><article class="md-content__inner md-typeset">{body}</article></div></div></main></div>
<script type="module" src="/wikitorch/wikitorch.js"></script></body></html>"""
