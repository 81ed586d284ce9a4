"""Runs a project's own benchmark of its models. Knows nothing of what that measures."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from site_builder.diagnostics import CannotRun
from site_builder.execute.runner import with_this_package

SCRIPT = "benchmarks/models.py"


def run_benchmark(root: Path, arguments: Sequence[str] = ()) -> int:
    """Run `benchmarks/models.py` of a project with this Python, its models on the path; return its exit status.

    Raises CannotRun when the project has none.
    """
    script = root / SCRIPT
    if not script.exists():
        raise CannotRun(f"{script} is not there: it would be the script that measures this project's models")
    environment = with_this_package()
    environment["PYTHONPATH"] = os.pathsep.join([str(root.absolute()), environment["PYTHONPATH"]])
    return subprocess.run([sys.executable, str(script), *arguments], env=environment).returncode
