"""Messages of a kernel become the elements that a build makes of a notebook's outputs. No server is needed for that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Route, WebSocketRoute, expect

from tests.frontend.conftest import ROOT

LIVE = ROOT / "site_builder/bundle/live"
KERNEL = "01234567-89ab-cdef-0123-456789abcdef"
BODY = """<!doctype html><html lang="en"><head><title>A note</title><link rel="icon" href="data:,"></head><body>
<div class="wt-notebook"><div class="wt-cell wt-cell--code"><div class="highlight"><pre><code>1</code></pre></div></div>
</div><script defer src="/live.js"></script></body></html>"""

Told = list[tuple[str, dict[str, Any]]]
Run = Callable[[Told], Locator]


@pytest.fixture(scope="module")
def run(browser: Browser) -> Iterator[Run]:
    """Return a function that has a page's cell run by a kernel which tells some messages, and returns its output."""
    context = browser.new_context()
    page = context.new_page()
    messages: Told = []
    page.route("http://127.0.0.1:9/**", answer)
    page.route_web_socket("ws://127.0.0.1:9/**", lambda socket: tell(socket, messages))

    def run(told: Told) -> Locator:
        messages[:] = told
        page.goto("http://127.0.0.1:9/")
        page.get_by_role("button", name="Run cell 1").click()
        expect(page.locator(".wt-cell--code")).to_have_attribute("data-run", "ok")
        return page.locator(".wt-output")

    yield run
    context.close()


def answer(route: Route) -> None:
    if route.request.url.endswith("/live.js"):
        route.fulfill(body=(LIVE / "live.js").read_bytes(), content_type="text/javascript")
    elif "kernels" in route.request.url:
        route.fulfill(status=201, body=json.dumps({"id": KERNEL, "execution_state": "starting"}))
    else:
        route.fulfill(body=BODY, content_type="text/html")


def tell(socket: WebSocketRoute, told: Told) -> None:
    def hear(text: str | bytes) -> None:
        request = json.loads(text)
        executes = request["header"]["msg_type"] == "execute_request"
        ends = [("status", {"execution_state": "idle"})]
        for channel, messages in (
            ("iopub", [*told, *ends] if executes else ends),
            ("shell", [("reply", {"status": "ok"})]),
        ):
            for type_, content in messages:
                header = {"msg_id": "x", "msg_type": type_}
                socket.send(
                    json.dumps(
                        {"channel": channel, "header": header, "parent_header": request["header"], "content": content}
                    )
                )

    socket.on_message(hear)


def stream(text: str) -> tuple[str, dict[str, Any]]:
    return "stream", {"name": "stdout", "text": text}


def shown(**data: str) -> tuple[str, dict[str, Any]]:
    return "display_data", {"data": {name.replace("_", "/"): value for name, value in data.items()}}


@pytest.mark.parametrize(
    ("told", "html"),
    [
        ([stream("a\n"), stream("<b>\n")], '<pre class="wt-stream">a\n&lt;b&gt;\n</pre>'),
        ([stream("10%\r"), stream("20%\r"), stream("done\n")], '<pre class="wt-stream">done\n</pre>'),
        ([stream("one\r\n")], '<pre class="wt-stream">one\n</pre>'),
        ([stream("\x1b[31mred\x1b[0m")], '<pre class="wt-stream">red</pre>'),
        ([shown(text_plain="<X>", text_html="<i>x</i>")], '<div class="wt-html"><i>x</i></div>'),
        ([shown(text_plain="<X>")], '<pre class="wt-value">&lt;X&gt;</pre>'),
        (
            [("error", {"traceback": ["-" * 75, "\x1b[31mNameError\x1b[39m", "x"]})],
            '<pre class="wt-error">NameError\nx</pre>',
        ),
        ([stream("a"), ("clear_output", {"wait": True}), stream("b")], '<pre class="wt-stream">b</pre>'),
        ([stream("a"), ("clear_output", {"wait": False})], ""),
        ([stream("a"), shown(text_plain="1"), stream("b")],
         '<pre class="wt-stream">a</pre><pre class="wt-value">1</pre><pre class="wt-stream">b</pre>'),
    ],
)  # fmt: skip
def test_outputs_are_shown_as_a_build_shows_them(run: Run, told: Told, html: str) -> None:
    assert run(told).inner_html() == html


def test_svg_is_set_into_the_page_without_its_prolog(run: Run) -> None:
    data = {"image/svg+xml": "<?xml version='1.0'?><svg width='1'></svg>", "text/plain": "x"}
    output = run([("execute_result", {"data": data})])
    assert output.inner_html() == '<figure class="wt-picture"><svg width="1"></svg></figure>'


def test_a_flood_of_output_is_cut(run: Run) -> None:
    text = run([stream(("x" * 99 + "\n") * 100)] * 30).inner_text()
    assert 200_000 <= len(text) < 210_100
    assert text.rstrip().endswith("which is not shown")
