"""What a link shows before it is followed: by mouse, keyboard and finger."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, expect

_ANY = re.compile("^Preview")


def _asked(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def _preview(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("dialog", name=name)


def _words(page: Page) -> Locator:
    return page.locator(".note-body")


def test_a_link_to_a_note_shows_its_beginning(page: Page, site_url: str) -> None:
    """For one small request, made when the reader points at the link, and once; it goes when the pointer goes."""
    page.goto(f"{site_url}transformer/encoder/", wait_until="networkidle")
    asked = _asked(page)
    link = _words(page).get_by_role("link", name="normalize", exact=True)
    link.hover()
    preview = _preview(page, "Preview: Layer Normalization")
    expect(preview).to_be_visible()
    expect(preview.locator(".katex").first).to_be_visible()
    page.mouse.move(5, 5)
    expect(preview).to_have_count(0)
    link.hover()
    expect(preview).to_be_visible()
    assert [url for url in asked if "fonts" not in url] == [f"{site_url}transformer/layer-normalization/preview.html"]


def test_a_link_to_a_block_or_a_heading_shows_that_part(page: Page, site_url: str) -> None:
    """A block is shown whole and alone, a heading with what follows it."""
    page.goto(f"{site_url}attention/attention-map/")
    links = _words(page).locator('a[href*="/#"]')
    assert links.count()
    for link in links.all():
        link.hover()
        expect(_preview(page, _ANY)).to_be_visible()
        page.keyboard.press("Escape")
        expect(_preview(page, _ANY)).to_have_count(0)
        page.mouse.move(5, 5)


def test_a_footnote_and_a_cited_work_are_shown_in_place(page: Page, site_url: str) -> None:
    """The footnote needs no request: it stands on the page. The work's preview says what it is."""
    page.goto(f"{site_url}attention/self-attention/", wait_until="networkidle")
    asked = _asked(page)
    _words(page).locator("a.footnote-ref").first.hover()
    expect(_preview(page, _ANY)).to_contain_text("Cheng, Dong, Lapata")
    assert not asked
    page.mouse.move(5, 5)
    page.locator(".wt-references").get_by_role("link", name=re.compile("^Lin et al")).first.hover()
    expect(_preview(page, re.compile("Lin et al"))).to_contain_text("Cited by")


def test_the_keyboard_shows_and_hides_a_preview(page: Page, site_url: str) -> None:
    """It comes where the focus rests, goes with Escape, and takes the focus nowhere."""
    page.goto(f"{site_url}transformer/encoder/")
    page.keyboard.press("Tab")
    link = _words(page).get_by_role("link", name="normalize", exact=True)
    link.focus()
    expect(_preview(page, "Preview: Layer Normalization")).to_be_visible()
    expect(link).to_be_focused()
    page.keyboard.press("Escape")
    expect(_preview(page, _ANY)).to_have_count(0)


def test_a_finger_that_holds_a_link_sees_a_sheet(browser: Browser, site_url: str) -> None:
    """A tap still follows the link; a hold does not, and what it shows can be closed or opened."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{site_url}transformer/encoder/")
    link = _words(page).get_by_role("link", name="normalize", exact=True)
    link.scroll_into_view_if_needed()
    box = link.bounding_box()
    assert box
    point = {"x": box["x"] + 10, "y": box["y"] + box["height"] / 2}
    session = context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    preview = _preview(page, "Preview: Layer Normalization")
    expect(preview).to_be_in_viewport(ratio=1)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(preview).to_be_visible()
    link.dispatch_event("click")  # which some browsers send when a hold ends
    expect(page).to_have_url(f"{site_url}transformer/encoder/")
    preview.get_by_role("button", name="Close").tap()
    expect(preview).to_have_count(0)
    link.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Layer Normalization")
    context.close()


def test_a_finger_that_taps_or_moves_on_sees_no_preview(browser: Browser, site_url: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{site_url}transformer/encoder/")
    page.evaluate("addEventListener('click', event => event.preventDefault(), true)")  # the page is not left
    link = _words(page).get_by_role("link", name="normalize", exact=True)
    link.tap()
    page.wait_for_timeout(700)
    expect(_preview(page, _ANY)).to_have_count(0)
    down = {"bubbles": True, "pointerType": "touch", "clientX": 100, "clientY": 100}
    link.dispatch_event("pointerdown", down)
    link.dispatch_event("pointermove", {**down, "clientX": 130})
    page.wait_for_timeout(700)
    expect(_preview(page, _ANY)).to_have_count(0)
    context.close()
