"""Folds, shortcuts, scrolling and print: what a page does with keyboard, phone and paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Show

FOLDED = """<section class="wt-section wt-code"><details class="wt-source"><summary>Source</summary>
<details><summary>Inner</summary><p id="line-3">def forward(self, x):</p></details></details></section>"""
WIDE_TABLE = f'<div class="table-wrap"><table><tr>{"<td>a wide cell</td>" * 20}</tr></table></div>'
NARROW_TABLE = '<div class="table-wrap"><table><tr><td>1</td></tr></table></div>'
WIDE = f"""<div class="note-body"><p>A paragraph with a name{"x" * 90} that does not break.</p>{WIDE_TABLE}
<div class="math math-display"><span class="katex-display"><span class="katex">{"x+" * 300}</span></span></div>
<div class="highlight"><pre><code>{"x = 1; " * 60}</code></pre></div>
<div class="wt-cell wt-cell--code"><div class="wt-output"><pre class="wt-stream">{"y" * 300}</pre>
<figure class="wt-picture"><svg viewBox="0 0 680 300" style="width: 100%; max-width: 680px"></svg></figure></div></div>
</div><div class="wt-graph"><svg viewBox="0 0 1000 600"></svg></div>"""


def is_open(page: Page) -> list[bool]:
    return page.eval_on_selector_all("details", "all => all.map(one => one.open)")


def test_an_address_opens_the_folds_around_its_target(show: Show) -> None:
    """An address that names something folded opens every fold around it."""
    page = show(FOLDED, anchor="#line-3")
    assert is_open(page) == [True, True]
    expect(page.locator("#line-3")).to_be_in_viewport()


def test_following_a_link_on_the_page_opens_folds_too(show: Show) -> None:
    """A link to something folded on the same page opens it."""
    page = show(f'<p><a href="#line-3">see</a></p>{FOLDED}')
    assert is_open(page) == [False, False]
    page.click("text=see")
    expect(page.locator("#line-3")).to_be_in_viewport()


def test_an_address_that_names_nothing_changes_nothing(show: Show) -> None:
    """An unknown or odd anchor leaves the page as it is and raises nothing."""
    errors: list[str] = []
    page = show(FOLDED)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for anchor in ("#nothing", "#^block", "#100%25", "#100%"):
        page.evaluate("anchor => { location.hash = anchor; }", anchor)
        page.wait_for_timeout(20)
    assert is_open(page) == [False, False]
    assert errors == []


def test_folds_open_for_paper_and_close_again(show: Show) -> None:
    """Printing opens what is folded; afterwards it is folded again."""
    page = show(FOLDED)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert is_open(page) == [True, True]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert is_open(page) == [False, False]


def test_question_mark_lists_the_shortcuts(show: Show) -> None:
    """? opens a named dialog with focus inside, and Escape closes it."""
    page = show("<p>text</p>")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()


@pytest.mark.parametrize("field", ["<input>", "<textarea></textarea>", "<p contenteditable>words</p>"])
def test_question_mark_in_a_field_is_a_question_mark(show: Show, field: str) -> None:
    """Typing ? into a field opens nothing."""
    page = show(field)
    page.locator("input, textarea, [contenteditable]").focus()
    page.keyboard.press("?")
    assert page.get_by_role("dialog").count() == 0


def test_what_scrolls_is_reachable_by_keyboard_and_what_does_not_is_left_alone(show: Show) -> None:
    """A table wider than the page takes the focus; a narrow one does not."""
    page = show(f'<div class="note-body">{WIDE_TABLE}{NARROW_TABLE}</div>')
    assert page.eval_on_selector_all(".table-wrap", "all => all.map(one => one.tabIndex)") == [0, -1]


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_only_wide_blocks_scroll_sideways_never_the_page(show: Show, width: int) -> None:
    """No page scrolls sideways, whatever stands on it."""
    page = show(WIDE, width=width)
    sideways = page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    beyond = page.eval_on_selector(".md-content__inner", "one => one.scrollWidth - one.clientWidth")
    assert (sideways, beyond) == (0, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_dark_on_light_in_either_scheme(show: Show, scheme: str) -> None:
    """A page prints in the light scheme's colors even when it is read in the dark one."""
    page = show('<div class="note-body"><p>words</p></div>', scheme=scheme)
    page.emulate_media(media="print")
    ink = page.eval_on_selector("p", "one => getComputedStyle(one).color")
    assert ink == "rgb(21, 25, 28)"


@pytest.mark.parametrize("width", [768, 1440, 1920])
def test_lines_of_text_hold_66_to_74_characters(show: Show, width: int) -> None:
    """Full lines of running English text average between 66 and 74 characters at 17 to 18 px."""
    text = "Whatever the last word needs from the first must survive every step in between. " * 20
    page = show(f'<div class="note-body"><p>{text}</p></div>', width=width)
    lines, size = page.eval_on_selector(
        ".note-body p",
        """one => { const range = document.createRange(); range.selectNodeContents(one);
        const tops = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
        return [tops.size, parseFloat(getComputedStyle(one).fontSize)]; }""",
    )
    assert 66 <= len(text) / lines <= 74
    assert 17 <= size <= 18
