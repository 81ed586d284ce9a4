"""One model out of a training's last checkpoints: the mean of their weights. Knows nothing of how they came about.

"For the base models, we used a single model obtained by averaging the last 5 checkpoints [...]. For the big models, we
averaged the last 20 checkpoints." (Vaswani et al. 2017, section 6.1)
"""

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from notebook_models.training import checkpoint


def last(directory: Path, count: int) -> list[Path]:
    """Return the last `count` weights that a `Trainer` has saved, oldest first; ValueError when it has fewer."""
    found = sorted(directory.glob("weights-*.pt"))
    if not 1 <= count <= len(found):
        msg = f"expected {count} checkpoints in {directory}, at least 1, got {len(found)}"
        raise ValueError(msg)
    return found[-count:]


def average(paths: Sequence[Path]) -> tuple[dict[str, Tensor], checkpoint.Config]:
    """Return the mean of each weight over checkpoints, in its own type, and their configuration.

    Sums are taken in float64. Raises ValueError without a path, and as `checkpoint.read` does: all must be of one
    configuration.
    """
    if not paths:
        msg = "expected at least one checkpoint to average, got none"
        raise ValueError(msg)
    first = checkpoint.read(paths[0], {"weights"})
    sums = {name: weight.double() for name, weight in first["weights"].items()}
    for path in paths[1:]:
        for name, weight in checkpoint.read(path, {"weights"}, first["config"])["weights"].items():
            sums[name] += weight
    means = {name: (total / len(paths)).to(first["weights"][name].dtype) for name, total in sums.items()}
    return means, first["config"]
