"""Runs programs where only torch, matplotlib and Python's own can be imported: python -I clean_process.py

Reads the path of a program from each line of its input, runs it in a fork, in the program's folder, and answers with
the exit status. What the program writes goes to files beside it. Only what torch and matplotlib themselves need is
importable, as on a machine where `pip install torch matplotlib` was all that anybody did.
"""

from __future__ import annotations

import os
import re
import runpy
import sys
import traceback
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

NEEDED = ("torch", "matplotlib")


class Only:
    """Finds the modules of some packages and of Python, as if nothing else were installed."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return PathFinder.find_spec(name, path, target) if name.partition(".")[0] in self.names else None


def importable() -> set[str]:
    """Return the names of the modules that some distributions and those they need bring, and Python's own."""
    wanted, pending = set(), list(NEEDED)
    while pending:
        name = re.sub(r"[-_.]+", "-", pending.pop()).lower()
        if name in wanted:
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        wanted.add(name)
        pending += [re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in needs if "extra ==" not in each]
    brought = metadata.packages_distributions().items()
    normal = {top for top, names in brought if wanted & {re.sub(r"[-_.]+", "-", each).lower() for each in names}}
    return normal | set(sys.stdlib_module_names) | {"_distutils_hack"}


def run(program: Path) -> int:
    """Run a program in a fork; return its exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        os.chdir(program.parent)
        for descriptor, name in ((1, "out.txt"), (2, "err.txt")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
        runpy.run_path(str(program), run_name="__main__")
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    import matplotlib
    import torch
    import torch._dynamo  # every optimizer would load it, in each program anew

    matplotlib.use("agg")
    import matplotlib.pyplot

    torch.set_num_threads(1)
    names = importable()
    for loaded in list(sys.modules):
        if loaded.partition(".")[0] not in names and loaded != "__main__":
            del sys.modules[loaded]
    sys.meta_path[:] = [Only(names) if finder is PathFinder else finder for finder in sys.meta_path]
    for line in sys.stdin:
        print(run(Path(line.strip())), flush=True)


if __name__ == "__main__":
    main()
