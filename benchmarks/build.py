"""Time and memory of whole builds, each a process of its own: python benchmarks/build.py [MKDOCS_YML]

Cold: no cache and no site. Warm: a cache, no site. Unchanged: since the last build. One note: one was changed.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from site_builder.project import load_project

RUNS = 5
WIKITORCH = Path(sys.executable).with_name("wikitorch")


def main(config: Path) -> None:
    """Print the figures of a project, built from a copy of it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        ignored = shutil.ignore_patterns(".*", "site", "node_modules", "bundle")
        shutil.copytree(config.resolve().parent, root, ignore=ignored)
        note = min(load_project(root / config.name)[0].vault.rglob("*.md"))
        for name, prepare in {
            "cold": lambda: (_remove(root / ".wikitorch"), _remove(root / "site")),
            "warm": lambda: _remove(root / "site"),
            "unchanged": lambda: None,
            "one note": lambda: note.write_text(note.read_text() + "\nOne more line.\n"),
        }.items():
            figures = []
            for _ in range(RUNS):
                prepare()
                figures.append(_build(root / config.name))
            seconds = [each[0] for each in figures]
            print(f"{name:10} {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), "
                  f"{max(each[1] for each in figures):.0f} MB at most")  # fmt: skip


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


def _build(config: Path) -> tuple[float, float]:
    start = time.perf_counter()
    process = subprocess.Popen(
        [WIKITORCH, "build", "--no-run", "-f", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the build failed: run wikitorch build --no-run -f {config}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "mkdocs.yml"))
