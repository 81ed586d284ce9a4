import random
import signal
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import PAD, close, equal, moments, no_file_larger_than, reversals, reversing, started, train, weights
from torch.nn import functional as F

from notebook_models.training import checkpoint
from notebook_models.training.batches import Batch
from notebook_models.training.reports import Report
from notebook_models.training.trainer import Settings, Trainer
from notebook_models.transformer.transformer import Transformer

STEPS = 30


class Listed:
    """The same few batches, over and over."""

    def __init__(self, batches: list[Batch]) -> None:
        self._batches = cycle(batches)

    def __next__(self) -> Batch:
        return next(self._batches)

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


def trained(batches: list[Batch], steps: int, directory: Path, **settings: Any) -> Trainer:
    """Return the trainer of a small model in float64, after some steps on these batches."""
    model = reversing(directory, dropout=0.0, dtype=torch.float64).model
    trainer = Trainer(model, Listed(batches), Settings(**settings), directory)
    trainer.train(steps)
    return trainer


def alike(left: Trainer, right: Trainer) -> bool:
    return close(weights(left.model), weights(right.model)) and close(moments(left.adam), moments(right.adam))


@pytest.fixture
def batches(tmp_path: Path) -> list[Batch]:
    """Two batches with different numbers of target tokens."""
    found = [next(reversing(tmp_path, tokens=tokens).batches) for tokens in (40, 90)]
    assert len({int((batch.target != PAD).sum()) for batch in found}) == 2
    return found


def joined(batches: list[Batch]) -> Batch:
    """Return the rows of all batches in one."""
    sides = []
    for side in ("source", "target"):
        parts = [getattr(batch, side) for batch in batches]
        longest = max(part.shape[1] for part in parts)
        sides.append(torch.cat([F.pad(part, (0, longest - part.shape[1]), value=PAD) for part in parts]))
    return Batch(*sides)


def test_training_is_the_textbook_loop(batches: list[Batch], tmp_path: Path) -> None:
    """= torch.optim.Adam (0.9, 0.98, 1e-9) on the mean smoothed loss at formula (3)'s rate, in float64 to 1e-10."""
    model = reversing(tmp_path, dropout=0.0, dtype=torch.float64).model
    adam = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98), eps=1e-9)
    for step, batch in zip(range(1, 7), cycle(batches), strict=False):
        logits = model(batch.source, batch.target[:, :-1])
        loss = F.cross_entropy(logits.mT, batch.target[:, 1:], ignore_index=PAD, label_smoothing=0.1)
        adam.param_groups[0]["lr"] = 16**-0.5 * min(step**-0.5, step * 4**-1.5)
        adam.zero_grad()
        loss.backward()
        adam.step()
    ours = trained(batches, 6, tmp_path / "ours", peak_rate=(16 * 4) ** -0.5, warmup=4)
    assert close(weights(ours.model), weights(model))
    assert close(moments(ours.adam), moments(adam))


@pytest.mark.verifies("Batching by Length#^one-step")
def test_accumulated_batches_are_one_large_batch(batches: list[Batch], tmp_path: Path) -> None:
    """Two batches a step = one batch of all their rows, although they have different numbers of tokens."""
    settings = {"peak_rate": 1e-2, "warmup": 2}
    whole = trained([joined(batches)], 4, tmp_path / "whole", **settings)
    assert alike(trained(batches, 4, tmp_path / "parts", accumulate=2, **settings), whole)
    assert not alike(trained(batches, 4, tmp_path / "half", **settings), whole)


@pytest.mark.parametrize(("d_model", "peak"), [(512, 6.99e-4), (1024, 4.94e-4)])
def test_the_rate_is_formula_3(d_model: int, peak: float) -> None:
    """Up for 4,000 steps to the paper's peak, then down with the root of the step."""
    settings = Settings(peak_rate=(d_model * 4000) ** -0.5)
    for step in (1, 17, 3999, 4000, 4001, 100_000):
        assert settings.rate(step) == pytest.approx(d_model**-0.5 * min(step**-0.5, step * 4000**-1.5))
    assert max(map(settings.rate, range(1, 10_000))) == settings.rate(4000) == pytest.approx(peak, rel=1e-3)


@pytest.mark.usefixtures("unchecked")
def test_it_learns(tmp_path: Path) -> None:
    """After 300 steps from this seed on sequences read backwards, the smoothed loss has fallen by more than half."""
    reports: list[Report] = []
    reversing(tmp_path, tokens=300, peak_rate=1e-2, warmup=60, dropout=0.0, save_every=300).train(300, reports.append)
    assert reports[0].loss > 2.4
    assert reports[-1].loss < 1.2


def test_reports_tell_what_was_done(tmp_path: Path) -> None:
    """Every third step and the last: all the target tokens of the steps between, their mean loss, the operations."""
    single, thrice = [], []
    reversing(tmp_path / "1").train(7, single.append)
    trainer = reversing(tmp_path / "3", report_every=3)
    trainer.flops = lambda batch: 10.0
    trainer.train(7, thrice.append)
    assert [report.step for report in thrice] == [3, 4, 6, 7]  # the fourth step is saved, and so reported
    assert sum(report.tokens for report in thrice) == sum(report.tokens for report in single)
    assert thrice[0].tokens == sum(report.tokens for report in single[:3])
    assert thrice[0].loss * thrice[0].tokens == pytest.approx(sum(r.loss * r.tokens for r in single[:3]))
    assert [report.flops for report in thrice] == [30.0, 10.0, 20.0, 10.0]
    assert thrice[0].rate == pytest.approx(3e-3 * 3 / 20)


def test_bfloat16_is_for_products_only(tmp_path: Path) -> None:
    """Under autocast the loss falls as well, differs from float32's, and the weights stay float32."""
    exact, short = [], []
    reversing(tmp_path / "32", dropout=0.0).train(20, exact.append)
    trainer = reversing(tmp_path / "16", dropout=0.0, bfloat16=True)
    trainer.train(20, short.append)
    assert {weight.dtype for weight in trainer.model.parameters()} == {torch.float32}
    assert exact[-1].loss != short[-1].loss
    assert exact[-1].loss == pytest.approx(short[-1].loss, rel=0.02)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Transformer:
    """The model of a training that was never stopped."""
    trainer = reversing(tmp_path_factory.mktemp("uninterrupted"))
    trainer.train(STEPS)
    return trainer.model


@pytest.mark.parametrize("stops", [[7], [1, 4, 16, 29]])
def test_a_training_in_parts_is_a_training_in_one(stops: list[int], uninterrupted: Transformer, tmp_path: Path) -> None:
    """Stopped and taken up by a new Trainer, dropout and all, it ends with the same weights, bit by bit."""
    for stop in [*stops, STEPS]:
        torch.rand(3), random.random()  # what another process would have drawn
        trainer = reversing(tmp_path)
        assert trainer.resume() == (stop != stops[0])
        trainer.train(stop)
    assert equal(trainer.model, uninterrupted)


def test_what_is_measured_on_the_way_changes_no_weight(uninterrupted: Transformer, tmp_path: Path) -> None:
    """Before each save, and nowhere else, `measure` is called in eval mode; the weights are the same, bit by bit."""
    trainer, called = reversing(tmp_path), []
    trainer.train(STEPS, measure=lambda step: called.append((step, trainer.model.training, trainer.state.exists())))
    saves = [step for step in range(1, STEPS + 1) if step % 4 == 0 or step == STEPS]
    assert called == [(step, False, step > 4) for step in saves]
    assert equal(trainer.model, uninterrupted)


def test_a_training_killed_at_any_moment_goes_on(tmp_path: Path) -> None:
    """SIGKILL after a random time, ten times over, and then run to its end: the same weights, bit by bit."""
    steps = 150
    whole = reversing(tmp_path / "whole")
    whole.train(steps)
    wait = random.Random(0)
    started(time.sleep, 0).join()  # the server of processes is up: what is timed from here on is training
    exits = []
    for seconds in [*(wait.uniform(0.05, 0.15) for _ in range(10)), None]:
        process = started(train, tmp_path / "killed", steps)
        process.join(seconds)
        process.kill()
        process.join()
        exits.append(process.exitcode)
    assert exits[0] == -signal.SIGKILL
    assert exits[-1] == 0
    ended = reversing(tmp_path / "killed")
    assert ended.resume()
    assert equal(ended.model, whole.model)


def test_a_training_killed_at_each_moment_of_a_save_goes_on(uninterrupted: Transformer, tmp_path: Path) -> None:
    """Killed at the first, second, ... call that makes a file durable or visible; no unfinished file stays."""
    exits = []
    for moment in range(1, 7):
        process = started(train, tmp_path, STEPS, moment)
        process.join()
        exits.append(process.exitcode)
    assert exits == [-signal.SIGKILL] * 6
    trainer = reversing(tmp_path)
    trainer.resume()
    trainer.train(STEPS)
    assert equal(trainer.model, uninterrupted)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "state.pt", "weights-0000028.pt", "weights-0000030.pt",
    ]  # fmt: skip


@pytest.mark.parametrize("cut", ["weights-0000008.pt", "state.pt"])
def test_a_disk_that_is_full_costs_no_save(cut: str, uninterrupted: Transformer, tmp_path: Path) -> None:
    """Where weights or state find no room: OSError, the save before whole, and from there on to the same weights."""
    trainer = reversing(tmp_path)
    trainer.train(8)
    before = trainer.state.read_bytes()
    with no_file_larger_than((tmp_path / cut).stat().st_size - 1), pytest.raises(OSError, match="File too large"):
        trainer.train(12)
    assert trainer.state.read_bytes() == before
    assert (tmp_path / "weights-0000012.pt").exists() == (cut == "state.pt")
    assert not list(tmp_path.glob(".*"))
    trainer = reversing(tmp_path)
    assert trainer.resume()
    assert trainer.step == 8
    trainer.train(STEPS)
    assert equal(trainer.model, uninterrupted)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"smoothing": 0.2}, r"expected \{'smoothing': 0.2\}, got \{'smoothing': 0.1\}"),
        ({"accumulate": 2}, r"expected \{'accumulate': 2\}, got \{'accumulate': 1\}"),
        ({"dropout": 0.0}, r"expected \{'dropout': 0.0\}, got \{'dropout': 0.1\}"),
        ({"sizes": {"d_ff": 64}}, r"expected .*64.*, got .*32"),
        ({"tokens": 90}, "place in other batches"),
        ({"pairs": reversals(100)}, "place in other batches"),
    ],
)
def test_the_state_of_another_training_is_refused(other: dict[str, Any], message: str, tmp_path: Path) -> None:
    """Other settings, sizes, batches or pairs raise ValueError, which names what differs; nothing is taken over."""
    reversing(tmp_path).train(1)
    trainer = reversing(tmp_path, **other)
    with pytest.raises(ValueError, match=message):
        trainer.resume()
    assert trainer.step == 0


def test_how_often_to_save_may_change_on_the_way(uninterrupted: Transformer, tmp_path: Path) -> None:
    """Saving and reporting at other steps after a resume changes no weight."""
    reversing(tmp_path).train(7)
    trainer = reversing(tmp_path, save_every=100, keep=1, report_every=7)
    trainer.resume()
    trainer.train(STEPS)
    assert equal(trainer.model, uninterrupted)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_state_cut_short_is_refused(share: float, tmp_path: Path) -> None:
    """A state that ends too early raises ValueError that says so."""
    trainer = reversing(tmp_path)
    trainer.train(1)
    whole = trainer.state.read_bytes()
    trainer.state.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match="cut short"):
        reversing(tmp_path).resume()


def test_a_training_is_not_overwritten_by_accident(tmp_path: Path) -> None:
    """Training in the directory of another without resuming it raises ValueError, and changes nothing there."""
    trainer = reversing(tmp_path)
    trainer.train(1)
    before = trainer.state.read_bytes()
    with pytest.raises(ValueError, match="holds a training already: resume it, or choose another directory"):
        reversing(tmp_path).train(1)
    assert trainer.state.read_bytes() == before


def test_a_loss_that_is_no_number_ends_training_before_it_is_saved(tmp_path: Path) -> None:
    """Weights of infinity raise FloatingPointError that names the step; the save before stays."""
    trainer = reversing(tmp_path, report_every=100)
    trainer.train(4)
    with torch.no_grad():
        next(trainer.model.parameters()).fill_(float("inf"))
    with pytest.raises(FloatingPointError, match="nan at step 8"):
        trainer.train(10)
    assert checkpoint.read(trainer.state, {"step", "weights", "adam", "batches", "random"})["step"] == 4


@pytest.mark.parametrize("name", ["warmup", "accumulate", "save_every", "keep", "report_every"])
def test_settings_that_cannot_be_are_refused(name: str) -> None:
    """A count below 1 raises ValueError with its name."""
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        Settings(**{name: 0})
