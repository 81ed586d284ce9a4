"""What the trainings of this site's small models share: loss, learning rate, padding, a progress bar."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from notebook_models.transformer.transformer import Transformer

SMOOTHING = 0.1

Progress = Callable[[int, float], None]
"""Is told each step, from 1, and its loss."""


def padded(rows: Sequence[Sequence[int]], pad: int) -> Int[Tensor, "batch longest"]:
    """Return rows of tokens as one tensor, filled with padding at the end."""
    tensors = [torch.tensor(row, dtype=torch.long) for row in rows]
    return pad_sequence(tensors, batch_first=True, padding_value=pad)


def loss(
    model: Transformer, source: Int[Tensor, "batch source"], target: Int[Tensor, "batch target"]
) -> Float[Tensor, ""]:
    """Return the smoothed loss of each target token from those before it, the mean over all but padding."""
    logits = model(source, target[:, :-1])
    return F.cross_entropy(logits.mT, target[:, 1:], ignore_index=model.pad, label_smoothing=SMOOTHING)


def share_of_peak(step: int, steps: int, warmup: int) -> float:
    """Return the learning rate of a step, from 1, as a share of the greatest.

    It goes up over the first steps, as a post-norm model needs, then evenly down to zero.
    """
    return min(step / warmup, max(0.0, (steps - step + 1) / max(1, steps - warmup)))


@contextmanager
def progress_bar(steps: int) -> Iterator[Progress]:
    """Show a bar on stderr, with the loss and the time that is left.

    Written by hand: what a notebook comes to import must run with torch and the standard library alone.
    """
    started, first = time.monotonic(), 0

    def show(step: int, loss: float) -> None:
        nonlocal first
        first = first or step
        left = (time.monotonic() - started) / (step - first + 1) * (steps - step)
        bar = "#" * (30 * step // steps)
        text = f"\r[{bar:30}] {step}/{steps}, loss {loss:.3f}, {left:4.0f} s left"
        print(text, end="", file=sys.stderr, flush=True)

    yield show
    print(file=sys.stderr)
