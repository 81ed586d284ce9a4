"""The recorded results of models' tests: kept by the recorder, read here for exactly the source they were run on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from site_builder.cache import FOLDER, Cache
from site_builder.execute.imports import SourceTree
from site_builder.execute.keys import check_key
from site_builder.execute.results import Check, CheckRun, checks_from_json, checks_to_json
from site_builder.execute.runner import with_this_package
from site_builder.text import Source

_KIND = "checks"
_LATEST = "checks-latest"


def recorded_checks(cache: Cache, tree: SourceTree, tests: Source | None) -> CheckRun:
    """Return the checks of a test file as they came out for its source and all that it imports, as they are now."""
    if tests is None:
        return CheckRun("missing")
    kept = cache.get(_KIND, check_key(tree, tests))
    if kept is None:
        return CheckRun("stale" if cache.get(_LATEST, tests.path) else "missing")
    checks = checks_from_json(kept)
    return CheckRun("failed" if any(check.outcome == "failed" for check in checks) else "passed", checks)


def keep_checks(cache: Cache, results: Mapping[str, tuple[str, tuple[Check, ...]]]) -> None:
    """Keep the checks of test files, by path, each with the key of the source they were run on."""
    cache.put(_KIND, {key: checks_to_json(checks) for key, checks in results.values()})
    cache.put(_LATEST, {path: key for path, (key, _) in results.items()})


def default_cache(root: Path) -> Path:
    """Return the cache of a project, where nobody says otherwise."""
    return root / FOLDER / "cache.sqlite"


def record_checks(root: Path, tests: Sequence[Path], cache: Path, *, jobs: int) -> int:
    """Run test files or folders with pytest, on the terminal; record the results of each file that ran to its end.

    `root` is the folder that the tests are below, `cache` the cache's file. With `jobs` over 1 and pytest-xdist at
    hand, so many processes share the work. Returns pytest's exit status: 0 when all passed, 1 when some failed, more
    when it could not run.
    """
    command = [sys.executable, "-m", "pytest", "-p", "site_builder.execute.recorder", f"--rootdir={root}"]
    command += [f"--checks-cache={cache.absolute()}", *(f"--checks-of={(root / path)}" for path in tests)]
    if jobs > 1 and find_spec("xdist"):
        command += ["-n", str(jobs)]
    return subprocess.run([*command, *map(str, tests)], cwd=root, env=with_this_package()).returncode
