"""What one vector times a vocabulary's matrix costs, by the form it is kept in: python benchmarks/reading_weights.py

Decoding one sentence on a CPU is this, again and again: each step reads all weights once. Between two products other
memory is written, so that no weights wait in a cache. Medians of a dozen runs, in one process, two threads.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch.nn import functional as F

from notebook_models.fast_linear import packed
from notebook_models.largest_product import LargestProduct

VOCAB, WIDTH, RUNS = 37_000, 512, 12


@torch.no_grad()
def main() -> None:
    """Print milliseconds and gigabytes a second for each form."""
    torch.set_num_threads(2)
    torch.manual_seed(0)
    weight, x = torch.randn(VOCAB, WIDTH) / WIDTH**0.5, torch.randn(1, WIDTH)
    elsewhere = torch.randn(25_000_000)
    for name, (product, size) in _forms(weight, x).items():
        seconds = statistics.median(_once(product, elsewhere) for _ in range(RUNS))
        print(f"{name:34}{seconds * 1e3:6.2f} ms  {size / seconds / 1e9:5.1f} GB/s")
    print(f"{'reading 100 MB, the sum of it':34}{'':9}  {_sum_speed(elsewhere):5.1f} GB/s")


def _forms(weight: torch.Tensor, x: torch.Tensor) -> dict[str, tuple[Callable[[], object], int]]:
    blocked = torch.ops.mkldnn._reorder_linear_weight(weight, 1)
    striped, largest = packed(weight, None, 1), LargestProduct(weight)
    return {
        "as trained": (lambda: F.linear(x, weight), weight.nbytes),
        "in oneDNN's blocks": (
            lambda: torch.ops.mkldnn._linear_pointwise(x, blocked, None, "none", [], ""),
            weight.nbytes,
        ),
        "in stripes": (lambda: striped(x), weight.nbytes),
        "rounded, for the largest alone": (lambda: largest(x[0]), largest.rounded.nbytes),
    }


def _once(product: Callable[[], object], elsewhere: torch.Tensor) -> float:
    elsewhere.mul_(1.0)
    start = time.perf_counter()
    product()
    return time.perf_counter() - start


def _sum_speed(elsewhere: torch.Tensor) -> float:
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        elsewhere.sum()
        seconds.append(time.perf_counter() - start)
    return elsewhere.nbytes / statistics.median(seconds) / 1e9


if __name__ == "__main__":
    main()
