"""Small trainings, in this process and in others that can be killed; those start from a server with torch loaded."""

import multiprocessing
import os
import random
import signal
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch

from notebook_models.training.batches import TokenBuckets
from notebook_models.training.pairs import Pairs
from notebook_models.training.trainer import Settings, Trainer
from notebook_models.transformer.transformer import Transformer

PAD, BOS, EOS = range(3)
SIZES: dict[str, Any] = {
    "source_vocab": 12, "target_vocab": 12, "d_model": 16, "n_heads": 2, "n_layers": 1, "d_ff": 32, "max_length": 32,
}  # fmt: skip

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([
    "notebook_models.training.trainer", "notebook_models.transformer.transformer",
    "torch._dynamo",  # the first optimizer imports it, for a second
])  # fmt: skip


def reversals(count: int = 200, longest: int = 8) -> Pairs:
    """Return sequences and the same read backwards."""
    draw = random.Random(0)
    rows = [[draw.randrange(3, 12) for _ in range(draw.randint(1, longest))] for _ in range(count)]
    return Pairs.of((row, row[::-1]) for row in rows)


def reversing(
    directory: Path, *, dropout: float = 0.1, dtype: torch.dtype = torch.float32, rank: int = 0, ranks: int = 1,
    tokens: int = 60, sizes: dict[str, Any] | None = None, pairs: Pairs | None = None, **settings: Any,
) -> Trainer:  # fmt: skip
    """Return a Trainer of a small model on reversals, always with the same first weights."""
    sizes = SIZES | {"dropout": dropout} | (sizes or {})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = Transformer(**sizes).to(dtype)
    batches = TokenBuckets(pairs or reversals(), bos=BOS, eos=EOS, tokens=tokens, rank=rank, ranks=ranks)
    chosen = Settings(**{"peak_rate": 3e-3, "warmup": 20, "save_every": 4, "keep": 2, "report_every": 1} | settings)
    return Trainer(model, batches, chosen, directory, config=sizes)


def train(directory: Path, steps: int, dies_at: int = 0) -> None:
    """Train, going on from what is there; the process kills itself at its `dies_at`-th call of fsync or replace."""
    torch.set_num_threads(1)
    if dies_at:
        _die_at(dies_at)
    trainer = reversing(directory)
    trainer.resume()
    trainer.train(steps)


def _die_at(number: int) -> None:
    calls = iter(range(1, number + 1))

    def deadly(function: Any) -> Any:
        def call(*arguments: Any) -> Any:
            if next(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments)

        return call

    os.fsync, os.replace = deadly(os.fsync), deadly(os.replace)


def started(function: Any, *arguments: Any) -> BaseProcess:
    """Start a function of a module in a process of its own."""
    process = processes.Process(target=function, args=arguments)
    process.start()
    return process


def equal(left: torch.nn.Module, right: torch.nn.Module) -> bool:
    """Return whether two models have the same weights, bit by bit."""
    return all(torch.equal(ours, theirs) for ours, theirs in zip(left.parameters(), right.parameters(), strict=True))
