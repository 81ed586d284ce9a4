from pathlib import Path

import pytest
import torch
from runs import close, reversing, train_on_ranks, weights

from notebook_models.training import checkpoint
from notebook_models.training.trainer import STATE

EXACT = {"dropout": 0.0, "dtype": torch.float64}


def stored(directory: Path) -> dict[str, torch.Tensor]:
    return checkpoint.read(directory / "state.pt", STATE)["weights"]


@pytest.mark.verifies("Training the Paper's Models#^cut-up")
def test_processes_with_a_part_each_train_as_one_with_all(tmp_path: Path) -> None:
    """Saved weights of two = those of one with all four batches, in float64 to 1e-10; each holds about half."""
    alone = reversing(tmp_path / "alone", accumulate=4, **EXACT)
    alone.train(5)
    assert train_on_ranks(2, tmp_path / "two", 5, accumulate=2, shard=True, **EXACT) == [0, 0]
    ours = reversing(tmp_path, **EXACT).model
    ours.load_state_dict(stored(tmp_path / "two"))
    assert close(weights(ours), weights(alone.model))
    everything = sum(weight.numel() for weight in ours.state_dict().values())
    for rank in range(2):
        part = checkpoint.read(tmp_path / "two" / f"rank-{rank}.pt", {"weights"})["weights"]
        assert 0.4 < sum(weight.numel() for weight in part.values()) / everything < 0.6


def test_they_go_on_where_they_were(tmp_path: Path) -> None:
    """Stopped and started again they end with the weights of two that never stopped, bit by bit."""
    for directory, stops in (("whole", [6]), ("parts", [3, 6])):
        for stop in stops:
            assert train_on_ranks(2, tmp_path / directory, stop, shard=True) == [0, 0]
    whole, parts = (stored(tmp_path / directory) for directory in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_one_process_has_nobody_to_share_with(tmp_path: Path) -> None:
    """Without torchrun, ValueError says what to do."""
    with pytest.raises(ValueError, match=r"expected several processes .* got one: start them with torchrun"):
        reversing(tmp_path, shard=True)
