"""What a reader does with the code of a page that `wikitorch serve --live` serves."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.accessibility import obstacles

ROOT = Path(__file__).parents[2]
PATH = "attention/scaled-dot-product-attention/"
ENDLESS = "print('begun', flush=True)\nwhile True: pass"


class Live:
    """A server, and a browser that opened the address which it printed."""

    def __init__(self, browser: Browser) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        wikitorch = Path(sys.executable).with_name("wikitorch")
        self.process = subprocess.Popen(
            [wikitorch, "serve", "--live", "--port", str(self.port)], cwd=ROOT, stderr=subprocess.PIPE,
            text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert self.process.stderr is not None
        while not (found := re.search(r"http://\S+/_live/open\S+", self.process.stderr.readline())):
            assert self.process.poll() is None
        self.address = found[0]
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 1000})
        self.page = self.context.new_page()
        self.page.goto(self.address)

    def open(self) -> Page:
        self.page.goto(f"http://127.0.0.1:{self.port}/{PATH}")
        return self.page

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        assert self.process.stderr is not None
        self.process.stderr.close()


@pytest.fixture(scope="module")
def live(browser: Browser) -> Iterator[Live]:
    live = Live(browser)
    yield live
    live.context.close()
    live.stop()


@pytest.fixture
def page(live: Live) -> Iterator[Page]:
    """A fresh tab; the test fails on a script's error or a request to another host."""
    page = live.context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if f":{live.port}/" in request.url else complaints.append(request.url))
    page.goto(f"http://127.0.0.1:{live.port}/{PATH}")
    yield page
    page.close()
    assert not [each for each in complaints if not each.startswith(("data:", "blob:"))]


def cell(page: Page, number: int) -> Locator:
    return page.locator(".wt-notebook > .wt-cell--code").nth(number)


def write(page: Page, number: int, code: str) -> None:
    cell(page, number).get_by_role("textbox").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(code)


def state(page: Page) -> Locator:
    return page.get_by_role("group", name="Kernel").get_by_role("status").first


def test_nothing_runs_until_the_reader_runs_it(live: Live, page: Page) -> None:
    expect(state(page)).to_contain_text("A kernel starts with the first run")
    fetched = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [address for address in fetched if "/kernels" in address]
    assert page.evaluate("document.cookie") == ""


def test_cells_are_edited_and_run_and_share_their_state(page: Page) -> None:
    write(page, 0, "word = 'atten' + 'tion'\nword")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(cell(page, 0).locator(".wt-value")).to_have_text("'attention'")
    write(page, 1, "import time\nfor letter in word: print(letter, end='')")
    cell(page, 1).get_by_role("button", name="Run cell").click()
    expect(cell(page, 1).locator(".wt-stream")).to_have_text("attention")
    expect(state(page)).to_have_text("The kernel is ready.")


def test_the_whole_demonstration_gives_what_the_build_gave(page: Page) -> None:
    """Cells run in their order put out what the page showed before, pictures too."""
    shown = ".wt-cell--code > .wt-output > :is(.wt-value, .wt-stream, .wt-picture)"
    before = page.locator(shown).all_inner_texts()
    page.get_by_role("button", name="Run all cells", exact=True).click()
    expect(page.locator(".wt-notebook > .wt-cell--code").last).to_have_attribute("data-run", "ok", timeout=120_000)
    assert before
    assert page.locator(shown).all_inner_texts() == before


def test_an_endless_cell_is_interrupted(page: Page) -> None:
    write(page, 0, ENDLESS)
    page.keyboard.press("ControlOrMeta+Enter")
    expect(state(page)).to_have_text("The kernel is busy.")
    expect(cell(page, 0)).to_contain_text("begun")
    page.get_by_role("button", name="Interrupt the kernel").click()
    expect(cell(page, 0).locator(".wt-error")).to_contain_text("KeyboardInterrupt")
    expect(cell(page, 0)).to_have_attribute("data-run", "error")


def test_a_restart_forgets(page: Page) -> None:
    write(page, 0, "x = 1")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(cell(page, 0)).to_have_attribute("data-run", "ok")
    page.get_by_role("button", name="Restart the kernel").click()
    expect(state(page)).to_contain_text("started afresh")
    write(page, 0, "x")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(cell(page, 0).locator(".wt-error")).to_contain_text("NameError")


def test_a_kernel_that_dies_is_told_of(page: Page) -> None:
    write(page, 0, "import os; os._exit(1)")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(state(page)).to_contain_text("The kernel died")
    expect(cell(page, 0)).to_contain_text("did not end")
    write(page, 0, "1 + 1")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(cell(page, 0).locator(".wt-value")).to_have_text("2")


def test_an_error_ends_a_run_of_all_cells(page: Page) -> None:
    write(page, 0, "1 / 0")
    page.get_by_role("button", name="Run all cells", exact=True).click()
    expect(cell(page, 0).locator(".wt-error")).to_contain_text("ZeroDivisionError")
    expect(state(page)).to_have_text("The kernel is ready.")
    expect(page.locator("[data-run]")).to_have_count(1)


def test_a_reload_keeps_edits_and_the_kernel_and_another_tab_has_its_own(live: Live, page: Page) -> None:
    write(page, 0, "kept = 1")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(cell(page, 0)).to_have_attribute("data-run", "ok")
    page.reload()
    expect(cell(page, 0).get_by_role("textbox")).to_have_text("kept = 1")
    write(page, 1, "kept")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(cell(page, 1).locator(".wt-value")).to_have_text("1")
    other = live.context.new_page()
    other.goto(page.url)
    write(other, 0, "kept")
    other.keyboard.press("ControlOrMeta+Enter")
    expect(cell(other, 0).locator(".wt-error")).to_contain_text("NameError")
    other.close()
    cell(page, 0).get_by_role("button", name="Undo edits").click()
    expect(cell(page, 0).get_by_role("textbox")).to_contain_text("import torch")


def test_the_keyboard_goes_in_and_out_of_a_cell(page: Page) -> None:
    editor = cell(page, 0).get_by_role("textbox")
    write(page, 0, "if True:\npass")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    expect(editor).to_have_text("if True:    pass")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(cell(page, 0).get_by_role("button", name="Run cell")).to_be_focused()
    editor.focus()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, 1).get_by_role("textbox")).to_be_focused()
    expect(cell(page, 0)).to_have_attribute("data-run", "ok")


def test_names_are_completed(page: Page) -> None:
    write(page, 0, "attentive = 1")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(cell(page, 0)).to_have_attribute("data-run", "ok")
    write(page, 0, "attenti")
    page.keyboard.press("Control+Space")
    expect(page.get_by_role("option", name="attentive")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_obstacle_on_a_live_page(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.reload()
    assert not obstacles(page, ".wt-notebook")


def test_a_reader_without_the_address_gets_a_page_that_only_reads(browser: Browser, live: Live) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{live.port}/{PATH}")
    expect(page.locator(".wt-cell--code .highlight").first).to_be_visible()
    expect(page.get_by_role("button", name="Run cell")).to_have_count(0)
    page.goto(live.address)
    expect(page.get_by_text("was used before")).to_be_visible()
    context.close()


def test_a_server_that_stops_is_told_of_and_offered_again(browser: Browser) -> None:
    live = Live(browser)
    page = live.open()
    write(page, 0, ENDLESS)
    page.keyboard.press("ControlOrMeta+Enter")
    expect(state(page)).to_have_text("The kernel is busy.")
    live.stop()
    expect(state(page)).to_contain_text("The server does not answer")
    expect(cell(page, 0)).to_contain_text("did not end")
    page.get_by_role("button", name="Reconnect").click()
    expect(state(page)).to_contain_text("The server does not answer")
    live.context.close()
