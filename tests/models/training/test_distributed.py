import signal
import sys
from pathlib import Path

import pytest
import torch
from runs import (
    EOS,
    close,
    exits,
    moments,
    on_ranks,
    reversing,
    save_with_starved_threads,
    train_on_rank,
    train_on_ranks,
    weights,
)

from notebook_models.training import checkpoint, distributed
from notebook_models.training.trainer import STATE

EXACT = {"dropout": 0.0, "dtype": torch.float64}


def result(directory: Path, rank: int) -> dict[str, torch.Tensor]:
    return checkpoint.read(directory / f"rank-{rank}.pt", {"weights"})["weights"]


@pytest.mark.parametrize("accumulate", [1, 2])
def test_processes_train_as_one_does(accumulate: int, tmp_path: Path) -> None:
    """Weights and Adam's mean gradients of two processes = those of one with all the batches, in float64 to 1e-10.

    In every step the two have different numbers of target tokens.
    """
    alone = reversing(tmp_path / "alone", accumulate=2 * accumulate, **EXACT)
    counts = [int((next(alone.batches).target == EOS).sum()) for _ in range(10)]
    assert all(first != second for first, second in zip(counts[::2], counts[1::2], strict=True))
    alone = reversing(tmp_path / "alone", accumulate=2 * accumulate, **EXACT)
    alone.train(5)
    assert train_on_ranks(2, tmp_path / "two", 5, accumulate=accumulate, **EXACT) == [0, 0]
    stored = checkpoint.read(tmp_path / "two" / "state.pt", STATE)
    ours = reversing(tmp_path, **EXACT).model
    ours.load_state_dict(result(tmp_path / "two", 1))
    assert close(weights(ours), weights(alone.model))
    assert close(moments(stored["adam"]), moments(alone.adam))
    assert close(list(result(tmp_path / "two", 0).values()), list(result(tmp_path / "two", 1).values()))


def test_processes_go_on_where_they_were(tmp_path: Path) -> None:
    """Two processes stopped and started again end with the weights of two that never stopped, bit by bit.

    The ranks draw different dropout, so each must find its own random state again.
    """
    for directory, stops in (("whole", [9]), ("parts", [4, 9])):
        for stop in stops:
            assert train_on_ranks(2, tmp_path / directory, stop) == [0, 0]
    whole, parts = (result(tmp_path / directory, 0) for directory in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    states = checkpoint.read(tmp_path / "parts" / "state.pt", STATE)["random"]
    assert not torch.equal(states[0]["torch"], states[1]["torch"])


def test_the_state_of_more_processes_is_refused(tmp_path: Path) -> None:
    """Two processes cannot go on with the state of one: the error of each names both numbers."""
    reversing(tmp_path).train(1)
    assert train_on_ranks(2, tmp_path, 2) == [1, 1]
    for rank in range(2):
        assert "expected {'ranks': 2}, got {'ranks': 1}" in (tmp_path / f"rank-{rank}.txt").read_text()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_process_ends_the_others(how: signal.Signals, tmp_path: Path) -> None:
    """Where one is killed, or hangs for longer than the limit, the other ends with PeerLost instead of waiting."""
    with on_ranks(2, train_on_rank, tmp_path, 1000, {"stopped_by": how, "timeout": 2}) as group:
        assert exits(group[:1]) == [1]
    said = (tmp_path / "rank-0.txt").read_text()
    assert said.startswith("PeerLost: rank 0 has lost another process, which has ended or hangs; resume from the last")
    assert "\n" not in said


@pytest.mark.skipif(sys.platform != "linux", reason="threads are starved on Linux alone")
def test_a_process_ends_however_late_its_threads_are(tmp_path: Path) -> None:
    """Where gloo's threads have not ended when the model is freed, the process waits for them, but not forever."""
    with on_ranks(2, save_with_starved_threads, tmp_path) as group:
        assert exits(group) == [0, 0]


def test_other_errors_stay_what_they_are() -> None:
    """A RuntimeError that tells of no process goes through as it is."""
    with pytest.raises(RuntimeError, match="shapes") as caught, distributed.peers():
        raise RuntimeError("shapes do not fit")
    assert type(caught.value) is RuntimeError


def test_a_single_process_is_rank_0_of_1() -> None:
    """Without torchrun there is nothing to join: sums are the values themselves."""
    with distributed.launched("cpu") as device:
        assert device == torch.device("cpu")
        assert (distributed.rank(), distributed.ranks(), distributed.gathered("x")) == (0, 1, ["x"])
        assert distributed.total(torch.tensor(3)) == 3
