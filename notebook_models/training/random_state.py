"""The random numbers that a process draws next: taken, and given back. Knows nothing of what they are for."""

import random
from typing import Any

import torch


def seed(number: int) -> None:
    """Seed Python's and PyTorch's generators, those of every GPU included."""
    random.seed(number)
    torch.manual_seed(number)


def capture(device: torch.device) -> dict[str, Any]:
    """Return the states of Python's and PyTorch's generators, and of the device's own if it is a GPU."""
    cuda = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    return {"python": random.getstate(), "torch": torch.get_rng_state(), "cuda": cuda}


def restore(state: dict[str, Any], device: torch.device) -> None:
    """Draw from here on what would have been drawn after `capture`."""
    random.setstate(state["python"])
    torch.set_rng_state(state["torch"])
    if state["cuda"] is not None:
        torch.cuda.set_rng_state(state["cuda"], device)
