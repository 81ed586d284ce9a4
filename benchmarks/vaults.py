"""Whole vaults, as they were found, through the real build: python benchmarks/vaults.py [--words] VAULT...

For each: notes, pages, seconds of the whole build and of the compiler alone, peak memory, diagnostics by rule, and how
many of the notes' lines are on their pages. With --words, also prints every line that is not, and what is added.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.visible_words import Comparison, compare
from site_builder.names import NoteId
from site_builder.read import read_vault

WIKITORCH = Path(sys.executable).with_name("wikitorch")


@dataclass(frozen=True, slots=True)
class Build:
    """What one build cost."""

    seconds: float
    megabytes: float
    status: int


def main(vaults: list[Path], *, words: bool) -> None:
    """Print a row for each vault."""
    print("| vault | notes | pages | build | compile | memory | diagnostics | words | not on the page | twice |")
    print("|---|--:|--:|--:|--:|--:|---|--:|--:|---|")
    for vault in vaults:
        with tempfile.TemporaryDirectory() as folder:
            print(_row(vault.resolve(), Path(folder), words=words), flush=True)


def _row(vault: Path, folder: Path, *, words: bool) -> str:
    config = folder / "mkdocs.yml"
    config.write_text(f"site_name: {json.dumps(vault.name)}\ndocs_dir: {json.dumps(str(vault))}\n")
    checked = subprocess.run(
        [WIKITORCH, "check", "-f", config, "--format", "json"], capture_output=True, text=True, check=False
    )
    rules = Counter(each["rule"] for each in json.loads(checked.stdout or "[]"))
    compiled = _timed("check", "-f", config, "--format", "json")
    built = _timed("build", "-f", config)
    if built.status:
        raise SystemExit(f"the build of {vault.name} failed: run wikitorch build -f with docs_dir: {vault}")
    again = _timed("build", "-f", config)
    site = folder / "site"
    pages = sum(1 for _ in site.rglob("index.html"))
    compared = dict(_compare(vault, site))
    lost = sum(len(each.missing) for each in compared.values())
    if words:
        _print_words(compared)
    found = " ".join(f"{rule} {count}" for rule, count in sorted(rules.items()))
    total = sum(each.words for each in compared.values())
    return (
        f"| {vault.name.replace('+', '/', 1)} | {len(compared)} | {pages} | {built.seconds:.1f} s | "
        f"{compiled.seconds:.1f} s | {built.megabytes:.0f} MB | {found} | {total} | {lost} lines | "
        f"{again.seconds:.1f} s |"
    )


def _compare(vault: Path, site: Path) -> Iterator[tuple[str, Comparison]]:
    notes = {NoteId(file.source.path): file.source.text for file in read_vault(vault).notes}
    nodes = json.loads((site / "graph.json").read_text(encoding="utf-8"))["nodes"]
    paths = {NoteId(node["path"]): node["url"] for node in nodes if node["type"] == "note"}
    for note, text in notes.items():
        page = site / paths.get(note, "no page") / "index.html"
        if page.exists():
            yield note, compare(text, page.read_text(encoding="utf-8"))
        else:
            yield note, Comparison(len(text.split()), ("the note has no page",), 0, "")


def _print_words(compared: dict[str, Comparison]) -> None:
    for note, each in compared.items():
        for line in each.missing:
            print(f"-\t{note}\t{line[:300]}", file=sys.stderr)
        if each.added:
            print(f"+\t{note}\t{each.added[:300]}", file=sys.stderr)


def _timed(*arguments: object) -> Build:
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(WIKITORCH), *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    return Build(time.perf_counter() - start, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:] if name != "--words"], words="--words" in sys.argv)
