"""What the graph page costs a build and a reader without a GPU, in Chromium: python -m benchmarks.graph [NOTES LINKS]

Builds the vaults of benchmarks/graph_vault.py (30, 500 and 10,000 notes, unless told otherwise) into whole sites,
serves them from localhost with gzip, and opens the graph page in a browser that has kept nothing. The first frame is
there when a frame has come after the drawing and a pixel of it can be read back: what is drawn without a GPU is late.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.graph_vault import write_vault
from benchmarks.search import _Gzip
from site_builder.analysis.layout import lay_out
from site_builder.build import build_site
from site_builder.cache import Cache
from site_builder.compile import understand
from site_builder.graph_map import MAP, map_graph
from site_builder.project import load_project

RUNS = 7
SIZES = ((30, 60), (500, 1_500), (10_000, 30_000))
WATCH = """window.firstFrame = new Promise(done => {
  const read = canvas => {
    const gl = canvas.getContext("webgl2");
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  };
  const shown = graph => requestAnimationFrame(() => requestAnimationFrame(() => {
    graph.querySelectorAll("canvas.sigma-nodes, canvas.sigma-edges").forEach(read);
    done(performance.now());
  }));
  new MutationObserver((_, observer) => {
    const graph = document.querySelector("wikitorch-graph[data-ready]");
    if (!graph) return;
    observer.disconnect();
    shown(graph);
  }).observe(document, { subtree: true, attributeFilter: ["data-ready"] });
})"""
FRAMES = """() => {
  window.frames_ = [];
  let last = performance.now();
  const next = now => { window.frames_.push(now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""


def main(sizes: Sequence[tuple[int, int]]) -> None:
    """Print a row for each size."""
    print("| | " + " | ".join(f"{notes:,} notes, {links:,} links" for notes, links in sizes) + " |")
    print("|---|" + "--:|" * len(sizes))
    columns = [_measure(notes, links) for notes, links in sizes]
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(column[name] for column in columns) + " |")


def _measure(notes: int, links: int) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_vault(notes, links, root / "vault")
        config = root / "mkdocs.yml"
        config.write_text("site_name: Notes\ndocs_dir: vault\nplugins: [wikitorch]\n")
        if build_site(config, site_dir=root / "site"):
            raise SystemExit("the build failed")
        return {**_layout(config), **_sizes(root / "site"), **_reading(root / "site")}


def _layout(config: Path) -> dict[str, str]:
    project, _ = load_project(config)
    concepts, _ = understand(project, Cache(None), run=False)
    started = time.process_time()
    drawn = map_graph(concepts.graph)
    found = time.process_time()
    lay_out(drawn.numbered, drawn.membership())
    return {
        "centrality, communities": f"{found - started:.2f} s",
        "layout, where none is kept": f"{time.process_time() - found:.2f} s",
    }


def _sizes(site: Path) -> dict[str, str]:
    file = json.loads((site / MAP).read_bytes())
    names = {"its data": MAP, "its page": "graph/index.html", "its script": "assets/wikitorch/graph.js"}
    packed = {name: len(gzip.compress((site / path).read_bytes(), 6)) for name, path in names.items()}
    counts = {"nodes, edges": f"{len(file['type']):,}, {len(file['steps']):,}"}
    return {**counts, **{f"{name}, as gzip": f"{size / 1e3:.0f} KB" for name, size in packed.items()}}


def _reading(site: Path) -> dict[str, str]:
    handler = functools.partial(_Gzip, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/graph/"
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        visits = [_visit(browser, address) for _ in range(RUNS)]
        browser.close()
    server.shutdown()
    first, work, panning, pointing = (sorted(values) for values in zip(*visits, strict=True))
    frames = sorted(frame for each in panning for frame in each)
    slow = frames[-(len(frames) // 20)]
    return {
        "first frame after opening": f"{statistics.median(first):.0f} ms ({first[0]:.0f} to {first[-1]:.0f})",
        "work of the browser until then, all its threads": f"{statistics.median(work):.0f} ms",
        "a frame while panning": f"{statistics.median(frames):.0f} ms (19 of 20 within {slow:.0f})",
        "a node's neighbors lit": f"{statistics.median(pointing):.0f} ms ({pointing[0]:.0f} to {pointing[-1]:.0f})",
    }


def _visit(browser: Browser, address: str) -> tuple[float, float, list[float], float]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    before = _work()
    page.goto(address, wait_until="commit")
    first = page.evaluate("firstFrame")
    work = _work() - before
    page.wait_for_load_state("networkidle")
    visit = first, work, _pan(page), _choose(page)
    context.close()
    return visit


def _work() -> float:
    """Return the milliseconds of processor time that the browser took so far; they do not grow on a busy machine."""
    stats: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            stats[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
    family = {os.getpid()}
    while children := {pid for pid, stat in stats.items() if int(stat[1]) in family} - family:
        family |= children
    ticks = sum(int(stats[pid][11]) + int(stats[pid][12]) for pid in family - {os.getpid()})
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def _pan(page: Page) -> list[float]:
    """Drag the picture, and return the milliseconds of each frame."""
    frame = page.locator(".wt-atlas__picture").bounding_box()
    assert frame
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(FRAMES)
    for step in range(40):
        page.mouse.move(x + 6 * step, y + 2 * step)
        page.wait_for_timeout(16)
    frames: list[float] = page.evaluate("frames_.slice(1)")
    page.mouse.up()
    return frames


def _choose(page: Page) -> float:
    """Choose the most central node by key, and return the milliseconds until the frame after it."""
    page.locator(".wt-atlas__picture").focus()
    took: float = page.evaluate("""() => new Promise(done => {
      const started = performance.now();
      const picture = document.querySelector(".wt-atlas__picture");
      picture.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - started)));
    })""")
    return took


if __name__ == "__main__":
    told = [int(each) for each in sys.argv[1:3]]
    main([(told[0], told[1])] if len(told) == 2 else SIZES)
