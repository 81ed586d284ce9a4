from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from runs import reversing
from torch import Tensor, nn

from notebook_models.training import averaging, checkpoint


@pytest.mark.verifies("Checkpoint Averaging#^the-mean")
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


def saved(directory: Path, weights: list[Mapping[str, Tensor]]) -> list[Path]:
    """Save these weights as a training would, and return where."""
    paths = []
    for number, each in enumerate(weights):
        holder = nn.Module()
        for name, weight in each.items():
            holder.register_buffer(name.replace(".", "_"), weight)
        paths.append(directory / f"weights-{number:07}.pt")
        checkpoint.save(paths[-1], holder, {})
    return paths


def averaged(directory: Path, models: list[nn.Sequential]) -> nn.Sequential:
    """Return a model of the same kind whose weights are the mean of theirs."""
    means, _ = averaging.average(saved(directory, [model.state_dict() for model in models]))
    mean = network(hidden=len(models[0]) > 1)
    mean.load_state_dict({name: means[name.replace(".", "_")] for name in mean.state_dict()})
    return mean


def network(hidden: bool) -> nn.Sequential:
    layers = [nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2)] if hidden else [nn.Linear(3, 2)]
    return nn.Sequential(*layers).double()


@pytest.mark.verifies("Checkpoint Averaging#^far-apart")
def test_states_far_apart_take_out_noise(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """On the bowl |w|²/2 in 2,000 dimensions, with noise in each gradient: the mean of five saves 100 steps apart.

    It has a fifth of one save's loss, to within a tenth of that; five steps in a row keep more than four fifths.
    """
    w, states = torch.zeros(2000, dtype=torch.float64), []
    for _ in range(1000):
        w = w - 0.05 * (w + torch.randn(2000, dtype=torch.float64))
        states.append({"w": w})
    losses = {"one": (w @ w).item() / 2}
    for name, chosen in {"far apart": states[599::100], "in a row": states[-5:]}.items():
        assert len(chosen) == 5
        mean = averaging.average(saved(tmp_path, chosen))[0]["w"]
        losses[name] = (mean @ mean).item() / 2
        record_property(f"loss of the mean of five, {name}, over that of one", f"{losses[name] / losses['one']:.2f}")
    assert losses["far apart"] / losses["one"] == pytest.approx(1 / 5, rel=0.1)
    assert losses["in a row"] / losses["one"] > 4 / 5


@pytest.mark.verifies("Checkpoint Averaging#^not-an-ensemble")
def test_the_mean_of_weights_is_not_the_mean_of_answers(tmp_path: Path) -> None:
    """It is for a linear model, and is not with a ReLU between two layers."""
    x = torch.randn(20, 3, dtype=torch.float64)
    for hidden in (False, True):
        models = [network(hidden) for _ in range(3)]
        answers = torch.stack([model(x) for model in models]).mean(dim=0)
        difference = (averaged(tmp_path, models)(x) - answers).abs().max()
        assert difference > 1e-2 if hidden else difference < 1e-12


@pytest.mark.verifies("Checkpoint Averaging#^not-any-two")
def test_two_networks_that_compute_the_same_may_have_another_mean(tmp_path: Path) -> None:
    """With hidden units in another order a network computes the same; the mean with its old self does not."""
    x, model, other = torch.randn(20, 3, dtype=torch.float64), network(hidden=True), network(hidden=True)
    order = torch.tensor([1, 0, *range(2, 8)])
    weights = model.state_dict()
    other.load_state_dict({
        "0.weight": weights["0.weight"][order], "0.bias": weights["0.bias"][order],
        "2.weight": weights["2.weight"][:, order], "2.bias": weights["2.bias"],
    })  # fmt: skip
    torch.testing.assert_close(other(x), model(x), atol=1e-12, rtol=0)
    assert (averaged(tmp_path, [model, other])(x) - model(x)).abs().max() > 1e-2
