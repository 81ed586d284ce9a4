"""What a run panel costs a reader, in Chromium, from localhost: python benchmarks/panels.py SITE

SITE is the folder of a built site. For each page with a panel: bytes fetched by the press (gzip), milliseconds from the
press to the first result in a browser that has kept nothing, and from a changed input to the redrawn result.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import shutil
import statistics
import sys
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

RUNS = 5
WAIT = """act => new Promise(done => {
  const panel = document.querySelector("wikitorch-panel");
  const started = performance.now();
  new MutationObserver(() => {
    if (panel.dataset.state === "ready") requestAnimationFrame(() => done(performance.now() - started));
  }).observe(panel, { attributes: true });
  if (act === "press") panel.querySelector("[type=submit]").click();
  else panel.querySelector("form").dispatchEvent(new Event("input", { bubbles: true }));
})"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main(site: Path) -> None:
    """Print the figures of each page with a panel."""
    handler = functools.partial(_Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pages = sorted(path.parent for path in site.rglob("index.html") if "<wikitorch-panel" in path.read_text())
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for page in pages:
            address = f"http://127.0.0.1:{server.server_port}/{page.relative_to(site).as_posix()}/"
            sizes, pressed, changed = zip(*(_visit(browser, address) for _ in range(RUNS)), strict=True)
            print(f"{page.name:32} {max(sizes) / 1e6:.2f} MB, press {_range(pressed)}, change {_range(changed)}")
        browser.close()
    server.shutdown()


def _visit(browser: Browser, address: str) -> tuple[int, float, float]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    bodies: list[bytes] = []
    page.on("response", lambda answer: bodies.append(answer.body()))
    pressed = page.evaluate(WAIT, "press")
    changed = statistics.median(page.evaluate(WAIT, "change") for _ in range(RUNS))
    size = sum(len(gzip.compress(body)) for body in bodies)
    context.close()
    return size, pressed, changed


def _range(milliseconds: tuple[float, ...]) -> str:
    low, high = min(milliseconds), max(milliseconds)
    return f"{statistics.median(milliseconds):.0f} ms ({low:.0f} to {high:.0f})"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
