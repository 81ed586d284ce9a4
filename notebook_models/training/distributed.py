"""Several processes that train one model, or a single one: their number, their sums. Knows nothing of models.

`torchrun --nproc-per-node 8 -m ...` starts the processes; each enters `launched`.
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

Value = TypeVar("Value")


class PeerLost(RuntimeError):
    """Another process of the training has ended, or answers no more."""


@contextmanager
def launched(device: str, timeout: float = 600) -> Iterator[torch.device]:
    """Join the processes that torchrun has started, if it has, and give the device of this one.

    GPUs talk by NCCL, processors by gloo. A process that waits longer than `timeout` seconds for another gives up.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield torch.device(device)
        return
    place = torch.device(device)
    if place.type == "cuda":
        place = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(place)
    with peers():
        dist.init_process_group("nccl" if place.type == "cuda" else "gloo", timeout=timedelta(seconds=timeout))
        atexit.register(_hold, dist.group.WORLD)
        yield place
    dist.destroy_process_group()  # not after an error: it would wait for those that are lost


def _hold(group: object) -> None:
    """Hold a group until Python ends, registered to be called then, so that DistributedDataParallel is not the last to.

    It would end the group while it keeps Python's lock, and wait forever for gloo's threads, which may need the lock
    to end (https://github.com/pytorch/pytorch/issues/56297).
    """


@contextmanager
def peers() -> Iterator[None]:
    """Raise PeerLost, in one line, for what the libraries raise when another process is lost."""
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and "gloo" not in str(error):
            raise
        reason = str(error).splitlines()[0]
        msg = f"rank {rank()} has lost another process, which has ended or hangs; resume from the last save ({reason})"
        raise PeerLost(msg) from error


def rank() -> int:
    """Return the number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def ranks() -> int:
    """Return how many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def total(value: Tensor) -> Tensor:
    """Return the sum of `value` over all processes; every one must ask."""
    if ranks() > 1:
        value = value.clone()
        dist.all_reduce(value)
    return value


def gathered(value: Value) -> list[Value]:
    """Return the values of all processes, in the order of their ranks; every one must ask."""
    values = [value] * ranks()
    if ranks() > 1:
        dist.all_gather_object(values, value)
    return values
