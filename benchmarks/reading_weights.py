"""What multiplying one vector by a vocabulary's matrix costs, by the form it is kept in: benchmarks/reading_weights.py

Decoding one sentence on a CPU is this, again and again: each step reads all weights once. Between two products other
memory is written, so that no weights wait in a cache. Medians of a dozen runs, in one process, two threads.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch.nn import functional as F

VOCAB, WIDTH, RUNS = 37_000, 512, 12


def main() -> None:
    """Print milliseconds and gigabytes a second for each form."""
    torch.set_num_threads(2)
    torch.manual_seed(0)
    weight, x = torch.randn(VOCAB, WIDTH) / WIDTH**0.5, torch.randn(1, WIDTH)
    elsewhere = torch.randn(25_000_000)
    for name, (product, size) in _forms(weight, x).items():
        seconds = [_once(product, elsewhere) for _ in range(RUNS)]
        median = statistics.median(seconds)
        print(f"{name:32}{median * 1e3:6.2f} ms  {size / median / 1e9:5.1f} GB/s")
    print(f"{'reading 100 MB, the sum of it':32}{'':9}  {_sum_speed(elsewhere):5.1f} GB/s")


def _forms(weight: torch.Tensor, x: torch.Tensor) -> dict[str, tuple[Callable[[], object], int]]:
    blocked = torch.ops.mkldnn._reorder_linear_weight(weight, 1)
    half, narrow = weight.bfloat16(), x.bfloat16()
    blocked_half = torch.ops.mkldnn._reorder_linear_weight(half, 1)
    scale = weight.abs().amax(1) / 127
    bytes_ = (weight / scale[:, None]).round().to(torch.int8)
    return {
        "float32, as trained": (lambda: F.linear(x, weight), weight.nbytes),
        "float32, packed": (lambda: _packed(x, blocked), weight.nbytes),
        "bfloat16, packed": (lambda: _packed(narrow, blocked_half), half.nbytes),
        "int8": (lambda: torch._weight_int8pack_mm(narrow, bytes_, scale.bfloat16()), bytes_.nbytes),
    }


def _packed(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    result: torch.Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "")
    return result


@torch.no_grad()
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
