"""The systems that the benchmark measures do the same work, at sizes that a test can wait for."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch


@pytest.fixture
def systems(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The benchmark's module, which lies beside its script."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    import model_systems

    yield model_systems
    del sys.modules["model_systems"]


@pytest.mark.parametrize("name", ["ours", "nn.Transformer", "Marian", "x-transformers"])
def test_each_system_writes_as_many_tokens_as_are_asked_for(name: str, systems: ModuleType) -> None:
    """Logits for every target position; decoding that never ends early, and that follows the logits."""
    torch.manual_seed(0)
    sizes = systems.Sizes(d_model=16, n_heads=2, d_ff=32, n_layers=2, vocab=50)
    system = systems.SYSTEMS[name](sizes)
    source, target = torch.randint(3, 50, (2, 6)), torch.randint(3, 50, (2, 5))
    assert system.logits(source, target).shape == (2, 5, 50)
    system.module.eval()
    with torch.no_grad():
        written = system.greedy(source, 7)
        assert written.shape == (2, 7)
        assert (written != systems.EOS).all() or name == "x-transformers"  # it is not told of an end
        read = torch.cat([torch.full((2, 1), systems.BOS), written[:, :-1]], dim=1)
        scores = system.logits(source, read)
        scores[..., systems.PAD] = -torch.inf if name == "Marian" else scores[..., systems.PAD]
        assert torch.equal(scores.argmax(dim=-1), written)
        if hasattr(system, "beam"):
            assert system.beam(source, 7).shape == (2, 7)
