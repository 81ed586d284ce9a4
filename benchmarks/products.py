"""Torch's matrix products on a CPU, beside oneDNN's: python benchmarks/products.py

Billions of operations a second for 512 rows in float32, two threads, medians of nine. The sizes are those of the
paper's base and big model: a projection, into and out of the feed-forward network, and the logits.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch

ROWS, RUNS = 512, 9
SIZES = (512, 512), (512, 2048), (2048, 512), (512, 37_000), (1024, 1024), (1024, 4096), (4096, 1024), (1024, 37_000)


@torch.no_grad()
def main() -> None:
    """Print a line for each size: the product, the gradient of its input, and that of its weight."""
    torch.set_num_threads(2)
    print(f"{'in':>6}{'out':>7}   {'x Wᵀ':>6} oneDNN   {'g W':>6} oneDNN   {'gᵀ x':>6} oneDNN")
    for d_in, d_out in SIZES:
        x, weight, g = torch.randn(ROWS, d_in), torch.randn(d_out, d_in), torch.randn(ROWS, d_out)
        pairs = ((x, weight.mT), (g, weight), (g.mT, x))
        rates = [rate for left, right in pairs for rate in _rates(left, right, ROWS * d_in * d_out)]
        print(f"{d_in:6}{d_out:7}   {rates[0]:6.0f}{rates[1]:7.0f}   {rates[2]:6.0f}{rates[3]:7.0f}", end="")
        print(f"   {rates[4]:6.0f}{rates[5]:7.0f}", flush=True)


def _rates(left: torch.Tensor, right: torch.Tensor, multiplications: int) -> list[float]:
    ways: list[Callable[[], object]] = [
        lambda: left @ right,
        lambda: torch.ops.mkldnn._linear_pointwise(left, right.mT, None, "none", [], ""),
    ]
    taken: list[list[float]] = [[], []]
    for _ in range(RUNS + 1):  # the first warms up
        for way, seconds in zip(ways, taken, strict=True):
            start = time.perf_counter()
            way()
            seconds.append(time.perf_counter() - start)
    return [2 * multiplications / statistics.median(seconds[1:]) / 1e9 for seconds in taken]


if __name__ == "__main__":
    main()
