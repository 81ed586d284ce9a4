"""What a training tells of itself. Knows nothing of screens and files."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from notebook_models.training import distributed


@dataclass(frozen=True, slots=True)
class Report:
    """What has happened since the report before, on all ranks together.

    `loss` is the smoothed loss of a target token in nats, `tokens` the number of target tokens, padding excluded,
    `flops` the floating-point operations, padding included, and `seconds` the time that all this took.
    """

    step: int
    steps: int
    loss: float
    rate: float
    tokens: int
    seconds: float
    flops: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The perplexity after a step on text that is not trained on: of a target token, without smoothing."""

    step: int
    steps: int
    perplexity: float


class Meter:
    """Sums up steps on the device, and waits for it only when asked for a report."""

    def __init__(self, device: torch.device) -> None:
        self._zero = torch.zeros((), dtype=torch.float64 if device.type != "mps" else torch.float32, device=device)
        self._start()

    def _start(self) -> None:
        self._loss, self._tokens, self._flops, self._since = self._zero, self._zero, 0.0, time.perf_counter()

    def add(self, loss: Tensor, tokens: Tensor, flops: float) -> None:
        """Count a step: the summed loss and the operations of this process, the tokens of all processes."""
        self._loss, self._tokens, self._flops = self._loss + loss, self._tokens + tokens, self._flops + flops

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave out of the time what is done here."""
        began = time.perf_counter()
        yield
        self._since += time.perf_counter() - began

    def report(self, step: int, steps: int, rate: float) -> Report:
        """Return what was counted, and begin anew; every process must ask."""
        loss, flops = distributed.total(torch.stack([self._loss, self._zero + self._flops])).tolist()
        tokens = int(self._tokens)
        report = Report(step, steps, loss / tokens, rate, tokens, time.perf_counter() - self._since, flops)
        self._start()
        return report
