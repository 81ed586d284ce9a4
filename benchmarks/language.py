"""CPU time of parse, link and render on a vault, without highlighting and math: python benchmarks/language.py VAULT

Also prints the time of pyromark alone with its own renderer, in the same run, because a ratio holds on any machine.
With --sizes instead of a vault: seconds to compile one huge or hostile note, and half of it.
"""

from __future__ import annotations

import gc
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyromark

from site_builder.cache import Cache
from site_builder.compile import examine, without_collector
from site_builder.link import link_vault
from site_builder.parse import parse_note
from site_builder.project import Project
from site_builder.read import VaultFiles, read_vault
from site_builder.render.body import render_note
from site_builder.render.pages import Contents, PageRenderer
from site_builder.settings import Settings

RUNS = 5
COUNT = 100_000
SIZES = {
    "5 MB of prose": ("A sentence with a [[link]], *stress* and `code`.\n\n", 5_000_000 // 50),
    "a line of 1 MB": ("word ", 200_000),
    "100,000 links, one target": ("[[Target]]\n", COUNT),
    "100,000 links, none found": ("[[nowhere {0}]]\n", COUNT),
    "500 quotes deep": ("> ", 500),
    "500 bullets deep": ("- ", 500),
    **{f"100,000 times {piece}": (piece, COUNT) for piece in ("[", "*", "$", "%%", "==")},
}
"""What to repeat, and how often; `{0}` is the number of the repetition."""


def main(vault: Path) -> None:
    """Print the figures of a vault."""
    cache = Cache(None)
    project = Project(vault, vault, "Benchmark", Settings(models="-"))
    start = time.process_time()
    with without_collector():
        contents, faults = examine(project, cache, run=False)
        pages = PageRenderer(contents).pages()
    print(f"compiled, cold, highlighting and math included: {time.process_time() - start:.2f} s, {len(pages)} pages")
    print("diagnostics:", dict(sorted(Counter(each.rule.code for each in faults).items())))
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    files = read_vault(vault)
    size = sum(len(file.source.data) for file in files.notes) / 4096
    print(f"{len(files.notes)} notes, {size / len(files.notes) * 4:.1f} KB each on average")
    with without_collector():
        figures = [_measure(files, contents) for _ in range(RUNS)]
    for name in figures[0]:
        seconds = statistics.median(run[name] for run in figures)
        print(f"{name:22} {seconds / len(files.notes) * 1000:.3f} ms a note, {seconds / size * 1000:.3f} ms per 4 KB")


def _measure(files: VaultFiles, contents: Contents) -> dict[str, float]:
    gc.collect()
    times: dict[str, float] = {}
    start = time.process_time()
    notes = [parse_note(file) for file in files.notes]
    times["parse"] = time.process_time() - start
    start = time.process_time()
    link_vault(notes, files.attachments, aliases=True)
    times["link"] = time.process_time() - start
    renderer = PageRenderer(contents)
    start = time.process_time()
    for note, path in renderer.paths.items():
        render_note(contents.vault.notes[note], renderer.view, path)
    times["render"] = time.process_time() - start
    times["parse + link + render"] = sum(times.values())
    start = time.process_time()
    for file in files.notes:
        pyromark.html(file.source.text)
    times["pyromark alone"] = time.process_time() - start
    return times


def measure_sizes() -> None:
    """Print the seconds of each size beside those of its half: linear is a factor of two."""
    for name, (piece, count) in SIZES.items():
        half, whole = (_compile(piece, each) for each in (count // 2, count))
        print(f"{name:26} {half:7.2f} s for half, {whole:7.2f} s")


def _compile(piece: str, count: int) -> float:
    text = "".join(piece.replace("{0}", str(number)) for number in range(count)) + "end\n"
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder)
        vault.joinpath("Note.md").write_text(text)
        gc.collect()
        start = time.process_time()
        with without_collector():
            contents, _ = examine(Project(vault, vault, "Benchmark", Settings(models="-")), Cache(None), run=False)
            PageRenderer(contents).pages()
        return time.process_time() - start


if __name__ == "__main__":
    measure_sizes() if sys.argv[1] == "--sizes" else main(Path(sys.argv[1]))
