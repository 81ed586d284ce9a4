from pathlib import Path

import pytest
import torch
from runs import reversing

from notebook_models.training import averaging, checkpoint


def test_the_average_is_the_mean_of_the_weights(tmp_path: Path) -> None:
    """= torch.stack(...).mean over the last 3 of 4 saves of a training, to the last bit, in the weights' own type."""
    trainer = reversing(tmp_path, save_every=2, keep=4)
    trainer.train(8)
    paths = averaging.last(tmp_path, 3)
    assert [path.name for path in paths] == [f"weights-000000{step}.pt" for step in (4, 6, 8)]
    stored = [checkpoint.read(path, {"weights"})["weights"] for path in paths]
    means, config = averaging.average(paths)
    assert config == dict(trainer.config)
    for name, mean in means.items():
        expected = torch.stack([weights[name].double() for weights in stored]).mean(dim=0)
        torch.testing.assert_close(mean.double(), expected, rtol=1e-7, atol=0)  # a mean is rounded once
        assert mean.dtype == stored[0][name].dtype
    trainer.model.load_state_dict(means)


def test_the_average_of_one_is_itself(tmp_path: Path) -> None:
    """A single checkpoint gives its own weights, bit by bit."""
    reversing(tmp_path).train(1)
    (path,) = averaging.last(tmp_path, 1)
    means, _ = averaging.average([path])
    weights = checkpoint.read(path, {"weights"})["weights"]
    assert all(torch.equal(means[name], weight) for name, weight in weights.items())


def test_what_cannot_be_averaged_is_refused(tmp_path: Path) -> None:
    """Too few checkpoints, none at all, and those of two configurations raise ValueError that says so."""
    reversing(tmp_path / "one").train(1)
    reversing(tmp_path / "two", dropout=0.2).train(1)
    for count in (0, 2):
        with pytest.raises(ValueError, match=f"expected {count} checkpoints .* got 1"):
            averaging.last(tmp_path / "one", count)
    with pytest.raises(ValueError, match="at least one checkpoint"):
        averaging.average([])
    both = [averaging.last(tmp_path / name, 1)[0] for name in ("one", "two")]
    with pytest.raises(ValueError, match=r"expected \{'dropout': 0.1\}, got \{'dropout': 0.2\}"):
        averaging.average(both)
