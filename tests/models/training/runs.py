"""Small trainings, in this process and in others that can be killed; those start from a server with torch loaded."""

import multiprocessing
import os
import random
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.distributed import TCPStore
from torch.distributed.tensor import DTensor

from notebook_models.training import checkpoint, distributed
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


def call_and_die(function: Callable[..., None], argument: Any, dies_at: int) -> None:
    """Call a function; the process kills itself at its `dies_at`-th call of fsync or replace."""
    torch.set_num_threads(1)
    _die_at(dies_at)
    function(argument)


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


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Make the system refuse to write further, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def curve(directory: Path, name: str) -> dict[int, float]:
    """Return what TensorBoard itself reads of a training."""
    events = EventAccumulator(str(directory / "tensorboard"))
    events.Reload()
    return {each.step: each.value for each in events.Scalars(name)}


def moments(adam: torch.optim.Adam | dict[str, Any]) -> list[torch.Tensor]:
    """Return Adam's mean gradient of each weight: unlike the weights, it tells how long gradients were."""
    state = adam if isinstance(adam, dict) else adam.state_dict()
    return [state["state"][index]["exp_avg"] for index in sorted(state["state"])]


def close(left: list[torch.Tensor], right: list[torch.Tensor]) -> bool:
    """Return whether tensors are equal to 1e-10."""
    return all(torch.allclose(ours, theirs, rtol=0, atol=1e-10) for ours, theirs in zip(left, right, strict=True))


def weights(model: torch.nn.Module) -> list[torch.Tensor]:
    """Return all weights but the biases of keys.

    Softmax does not see those: their gradient is a rounding error, which Adam divides by its own size.
    """
    return [weight.detach() for name, weight in model.named_parameters() if not name.endswith("key.bias")]


def equal(left: torch.nn.Module, right: torch.nn.Module) -> bool:
    """Return whether two models have the same weights, bit by bit."""
    return all(torch.equal(ours, theirs) for ours, theirs in zip(left.parameters(), right.parameters(), strict=True))


def train_on_rank(directory: Path, steps: int, options: dict[str, Any]) -> None:
    """Train as one of several processes; write what ends it into the directory.

    With `stopped_by`, rank 1 sends itself this signal in its third step.
    """
    rank, ranks = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    deadly = options.pop("stopped_by", None)
    try:
        with distributed.launched("cpu", timeout=options.pop("timeout", 60)):
            trainer = reversing(directory, rank=rank, ranks=ranks, **options)
            if deadly and rank == 1:
                trainer.flops = lambda batch: os.kill(os.getpid(), deadly) or 0.0 if trainer.step == 3 else 0.0
            trainer.resume()
            trainer.train(steps)
            checkpoint.write(directory / f"rank-{rank}.pt", {"weights": held(trainer.model)}, {})
    except Exception as error:
        (directory / f"rank-{rank}.txt").write_text(f"{type(error).__name__}: {error}")
        raise SystemExit(1) from error


def save_with_starved_threads(directory: Path) -> None:
    """Save as one of several processes, and end at once; threads but the first run where nothing else wants to."""
    with distributed.launched("cpu", timeout=60):
        trainer = reversing(directory, rank=distributed.rank(), ranks=distributed.ranks())
        trainer.train(1)
        processors = sorted(os.sched_getaffinity(0))
        for thread in map(int, os.listdir("/proc/self/task")):
            os.sched_setaffinity(thread, {processors[distributed.rank() % len(processors)]})
            if thread != os.getpid():
                os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
        trainer.save()


def held(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return what this process holds of the weights."""
    parts = model.state_dict()
    return {name: part.to_local() if isinstance(part, DTensor) else part for name, part in parts.items()}


@contextmanager
def on_ranks(ranks: int, function: Callable[..., None], *arguments: Any) -> Iterator[list[BaseProcess]]:
    """Start a function in several processes, as torchrun does; kill what is left of them in the end.

    The processes meet at a store of this one, whose port is taken before they start.
    """
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    group = [started(_as_rank, rank, ranks, store.port, function, arguments) for rank in range(ranks)]
    try:
        yield group
    finally:
        for process in group:
            process.kill()
            process.join()


def _as_rank(rank: int, ranks: int, port: int, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    torch.set_num_threads(1)
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(ranks), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    os.environ["TORCHELASTIC_USE_AGENT_STORE"] = "True"
    function(*arguments)


def exits(group: Sequence[BaseProcess]) -> list[int | None]:
    """Wait until processes have ended, and return how: None for one that has not after two minutes."""
    for process in group:
        process.join(120)
    return [process.exitcode for process in group]


def train_on_ranks(ranks: int, directory: Path, steps: int, **options: Any) -> list[int | None]:
    """Train in several processes to the end, and return how each exited."""
    directory.mkdir(exist_ok=True)
    with on_ranks(ranks, train_on_rank, directory, steps, options) as group:
        return exits(group)
