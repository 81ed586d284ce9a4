"""Checks every shape in a model's signature while it is tested, and makes its random numbers repeatable."""

import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import signatures
import torch
from jaxtyping import install_import_hook

NOTEBOOKS = Path(__file__).parents[2] / "notebook_models" / "notebooks"

too_early = sorted(name for name in sys.modules if name.startswith("notebook_models."))
if too_early:
    raise pytest.UsageError(f"{too_early[0]} was imported before its shapes could be checked")
install_import_hook("notebook_models", "beartype.beartype")
torch.set_num_threads(1)


class TorchRandom:
    """PyTorch's generator as Hypothesis wants it, so that one example always draws the same tensors."""

    seed = staticmethod(torch.manual_seed)
    getstate = staticmethod(torch.get_rng_state)
    setstate = staticmethod(torch.set_rng_state)


TORCH_RANDOM = TorchRandom()  # Hypothesis itself keeps no reference to it
hypothesis.register_random(TORCH_RANDOM)


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.fixture
def unchecked() -> Iterator[None]:
    """Switch the checks of signatures off, as they are outside tests: what is left is the module's own ValueError."""
    with signatures.unchecked():
        yield


@pytest.fixture(scope="session")
def run_notebook() -> Callable[[str], dict[str, Any]]:
    """Run a notebook from beginning to end, `run_notebook("attention/masks")`, and return what it has named."""

    def run(name: str) -> dict[str, Any]:
        with signatures.unchecked():
            return runpy.run_path(str(NOTEBOOKS / f"{name}.py"))

    return run
