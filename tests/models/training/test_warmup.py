from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from transformers.optimization import get_inverse_sqrt_schedule

from notebook_models.training.adam import Adam
from notebook_models.training.trainer import Settings
from notebook_models.training.warmup import Warmup, peak, rate

Record = Callable[[str, object], None]
widths, warmups = st.integers(1, 2048), st.integers(1, 10_000)


def optimizer(lr: float = 0.0) -> Adam:
    return Adam([nn.Parameter(torch.zeros(1))], lr=lr)


def rates_of(schedule: torch.optim.lr_scheduler.LRScheduler, steps: int) -> list[float]:
    """Return the rate that the optimizer has in each step."""
    rates = []
    for _ in range(steps):
        rates.append(schedule.optimizer.param_groups[0]["lr"])
        schedule.optimizer.step()
        schedule.step()
    return rates


@given(step=st.integers(1, 300_000), d_model=widths, warmup=warmups)
def test_is_equation_3(step: int, d_model: int, warmup: int) -> None:
    """Rising, step · warmup^-1.5; falling, step^-0.5; both times d_model^-0.5; and the Trainer's rate is the same."""
    part = step * warmup**-1.5 if step <= warmup else step**-0.5
    assert rate(step, d_model, warmup) == pytest.approx(part / d_model**0.5, rel=1e-12)
    settings = Settings(peak_rate=peak(d_model, warmup), warmup=warmup)
    assert settings.rate(step) == pytest.approx(rate(step, d_model, warmup), rel=1e-12)


def test_is_hugging_face_s_one_step_later() -> None:
    """Hugging Face's inverse-root schedule counts from 0, so that its first step has rate 0; else they are equal."""
    ours = rates_of(Warmup(optimizer(), d_model=64, warmup=10), 50)
    theirs = rates_of(get_inverse_sqrt_schedule(optimizer(lr=peak(64, 10)), num_warmup_steps=10), 51)
    assert theirs[0] == 0
    assert ours == pytest.approx(theirs[1:], rel=1e-12)


@pytest.mark.verifies("Warm-Up#^peaks")
@pytest.mark.parametrize(("d_model", "greatest"), [(512, 6.99e-4), (1024, 4.94e-4)])
def test_the_peaks_of_the_paper_s_models(d_model: int, greatest: float, record_property: Record) -> None:
    """With 4,000 steps the peak is 6.99e-4 for width 512 and 4.94e-4 for 1,024, at step 4,000 and nowhere else."""
    rates = [rate(step, d_model) for step in range(1, 20_001)]
    record_property("greatest rate", f"{max(rates):.3e} at step {rates.index(max(rates)) + 1:,}")
    assert max(rates) == peak(d_model) == rates[3999]
    assert sorted(rates)[-2] < rates[3999]
    assert f"{max(rates):.2e}" == f"{greatest:.2e}"


@pytest.mark.verifies("Warm-Up#^first-and-last")
def test_the_first_and_the_last_rate_of_the_base_model() -> None:
    """The first step has a four-thousandth of the peak, the last of 100,000 steps a fifth; 4 % of them are warm-up."""
    assert rate(1) == pytest.approx(peak() / 4000)
    assert rate(100_000) == pytest.approx(peak() / 5)
    assert f"{rate(1):.2e} {rate(100_000):.2e}" == "1.75e-07 1.40e-04"


@pytest.mark.verifies("Warm-Up#^the-peak-alone")
@given(d_model=widths, warmup=warmups, step=st.integers(1, 100_000))
def test_a_longer_warm_up_changes_the_peak_and_nothing_after(d_model: int, warmup: int, step: int) -> None:
    """Four times the warm-up is half the peak; from there on the rates are the same."""
    assert peak(d_model, 4 * warmup) == pytest.approx(peak(d_model, warmup) / 2)
    assert peak(d_model, 4 * warmup) == pytest.approx(rate(4 * warmup, d_model, warmup))
    after = 4 * warmup + step
    assert rate(after, d_model, 4 * warmup) == pytest.approx(rate(after, d_model, warmup))


@pytest.mark.verifies("Warm-Up#^width")
@given(d_model=widths, warmup=warmups, step=st.integers(1, 100_000))
def test_four_times_the_width_is_half_the_rate(d_model: int, warmup: int, step: int) -> None:
    """The rate falls with the root of the width, at every step."""
    assert rate(step, 4 * d_model, warmup) == pytest.approx(rate(step, d_model, warmup) / 2)


def test_an_optimizer_gets_the_rate_of_each_step() -> None:
    """Adam's first step has the rate of step 1, in every group, whatever rate it was made with."""
    adam = Adam([{"params": [nn.Parameter(torch.zeros(1))]}, {"params": [nn.Parameter(torch.zeros(1))], "lr": 9.0}])
    schedule = Warmup(adam, d_model=16, warmup=3)
    assert [group["lr"] for group in adam.param_groups] == [rate(1, 16, 3)] * 2
    assert rates_of(schedule, 8) == [rate(step, 16, 3) for step in range(1, 9)]


def test_it_goes_on_from_its_state() -> None:
    """Saved after five steps and loaded into another, it goes on with the sixth."""
    first, second = Warmup(optimizer(), 16, 7), Warmup(optimizer(), 99, 1)
    rates_of(first, 5)
    second.load_state_dict(first.state_dict())
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    assert rates_of(second, 5) == [rate(step, 16, 7) for step in range(6, 11)]


@pytest.mark.parametrize("wrong", [(0, 512, 4000), (1, 0, 4000), (1, 512, 0), (-3, 512, 4000)])
def test_numbers_below_one_are_refused(wrong: tuple[int, int, int]) -> None:
    """A step, a width or a warm-up below 1 raises ValueError with all three."""
    with pytest.raises(ValueError, match=f"at least 1, got {wrong[0]}, {wrong[1]} and {wrong[2]}"):
        rate(*wrong)
    if wrong[0] == 1:
        with pytest.raises(ValueError, match="at least 1"):
            Warmup(optimizer(), *wrong[1:])


@pytest.fixture(scope="module")
def notebook(run_notebook: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What the notebook has named."""
    return run_notebook("training/warmup")


@pytest.mark.verifies("Warm-Up#^without")
def test_without_warm_up_post_norm_learns_nothing(notebook: dict[str, Any], record_property: Record) -> None:
    """After 100 steps the loss is below 0.3 with warm-up, and that of guessing without; pre-norm learns without too."""
    final = {name: sum(losses[-10:]) / 10 for name, (losses, _) in notebook["runs"].items()}
    for name, loss in final.items():
        record_property(f"loss, {name}", f"{loss:.2f}")
    warm, cold, cold_pre_norm = final.values()
    assert warm < 0.3
    assert cold > 2.2
    assert cold_pre_norm < 0.3


@pytest.mark.verifies("Warm-Up#^two-layers")
def test_two_layers_learn_without_warm_up(notebook: dict[str, Any], record_property: Record) -> None:
    """With two layers instead of four, the same training without warm-up ends below 0.3."""
    losses, _ = notebook["train"]("post", False, n_layers=2)
    record_property("loss with two layers, no warm-up", f"{sum(losses[-10:]) / 10:.2f}")
    assert sum(losses[-10:]) / 10 < 0.3


@pytest.mark.verifies("Warm-Up#^first-steps")
def test_the_first_step_is_the_longest(notebook: dict[str, Any]) -> None:
    """In all three trainings the first step is as long as the rate, and from the tenth on none is half as long."""
    for _, lengths in notebook["runs"].values():
        assert lengths[0] == pytest.approx(1, abs=0.01)
        assert max(lengths[10:]) < 0.5
