"""What a first query costs a reader of many notes, in Chromium: python -m benchmarks.search [COUNT]

Writes the notes of benchmarks/zipf_vault.py, 10,000 of them, and their index beside a page that has the box; serves it
all from localhost with gzip. Asks each query in a browser that has kept nothing, once put into the box as a whole, once
typed: bytes moved after the page was read, as the browser counts them, and milliseconds from the last key to the whole
list of results on the page.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from playwright.sync_api import Browser, sync_playwright

from benchmarks.zipf_vault import write_vault
from site_builder.cache import open_cache
from site_builder.compile import examine
from site_builder.execute.progress import quiet
from site_builder.project import load_project
from site_builder.search import index_files, records

RUNS = 5
QUERIES = {
    "one word": "encoder",
    "three words": "attention layer softmax",
    "begun": "trans",
    "a typing error": "atention",
    "the most frequent": "the of and",
    "no such word": "xylophonist",
}
PASTED, TYPED = 0, 100
"""Milliseconds from key to key: none, since all is put into the box at once, and those of a reader who types fast."""

ASK = """([query, pause]) => new Promise(async done => {
  const input = document.querySelector(".md-search__input");
  const meta = document.querySelector(".md-search-result__meta");
  let last = 0, shown = 0;
  new MutationObserver(() => {
    if (/matching documents?$/.test(meta.textContent)) requestAnimationFrame(() => shown = performance.now());
  }).observe(meta, { childList: true, characterData: true, subtree: true });
  new BroadcastChannel("wikitorch-search").addEventListener("message", ({ data }) => {
    if (data.query === query) setTimeout(() => done(shown - last), 100);
  });
  input.focus();
  for (let end = pause ? 1 : query.length; end <= query.length; end++) {
    input.value = query.slice(0, end);
    last = performance.now();
    input.dispatchEvent(new Event("keyup"));
    if (pause) await new Promise(next => setTimeout(next, pause));
  }
})"""


class _Gzip(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as hosts have it; else what follows the headers waits 40 ms for an acknowledgement

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def send_head(self) -> BytesIO | BinaryIO | None:
        path = Path(self.translate_path(self.path))
        if path.suffix not in (".json", ".js", ".css"):
            return super().send_head()
        body = _packed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)


@functools.cache
def _packed(path: Path) -> bytes:
    """Hosts keep what they compressed."""
    return gzip.compress(path.read_bytes(), 6)


def main(count: int) -> None:
    """Print the figures of a vault of so many notes."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_vault(count, root / "vault")
        config = root / "mkdocs.yml"
        config.write_text("site_name: Notes\ndocs_dir: vault\nplugins: [wikitorch]\n")
        index(config, root / "site")
        ask(root / "site")


def index(config: Path, site: Path) -> None:
    """Write the index of a vault beside one page that has a box, and print what that takes."""
    project, _ = load_project(config)
    with open_cache(project.cache) as cache:
        contents, _ = examine(project, cache, run=False, progress=quiet)
    started = time.perf_counter()
    files = index_files(records(contents))
    seconds = time.perf_counter() - started
    _one_page(config.parent, site)
    for name, text in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    packed = sum(len(gzip.compress(text.encode(), 6)) for text in files.values())
    size = sum(len(text.encode()) for text in files.values())
    print(f"index: {seconds:.1f} s, {len(files)} files, {size / 1e6:.1f} MB, {packed / 1e6:.1f} MB as gzip")


def _one_page(root: Path, site: Path) -> None:
    """Build a site of one note: each page has the same box, and 10,000 of them take a minute."""
    from site_builder.build import build_site

    (root / "one").mkdir()
    (root / "one/index.md").write_text("# Home\n")
    config = root / "one.yml"
    config.write_text("site_name: Notes\ndocs_dir: one\nplugins: [wikitorch]\n")
    if build_site(config, site_dir=site):
        raise SystemExit("the build failed")


def ask(site: Path) -> None:
    """Print what each query costs."""
    handler = functools.partial(_Gzip, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for name, query in QUERIES.items():
            for way, pause in (("pasted", PASTED), ("typed", TYPED)):
                address = f"http://127.0.0.1:{server.server_port}/"
                sizes, times, files = zip(*(_visit(browser, address, query, pause) for _ in range(RUNS)), strict=True)
                print(f"{name:18} {way:6} {max(sizes) / 1e3:4.0f} KB in {max(files):2} files, {_range(times)}")
        browser.close()
    server.shutdown()


def _visit(browser: Browser, address: str, query: str, pause: int) -> tuple[int, float, int]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    page.get_by_text("Type to start searching").wait_for(state="attached")
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(sum(map(request.sizes().get, _MOVED))))
    milliseconds = page.evaluate(ASK, [query, pause])
    page.wait_for_load_state("networkidle")
    context.close()
    return sum(sizes), milliseconds, len(sizes)


_MOVED = ("responseBodySize", "responseHeadersSize")


def _range(milliseconds: Sequence[float]) -> str:
    return f"{statistics.median(milliseconds):.0f} ms ({min(milliseconds):.0f} to {max(milliseconds):.0f})"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
