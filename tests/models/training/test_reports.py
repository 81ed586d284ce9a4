import time

import pytest
import torch

from notebook_models.training.reports import Meter


def test_a_report_sums_the_steps_since_the_one_before() -> None:
    """Loss per token over all steps, tokens, operations and the time since; then counting begins anew."""
    started = time.perf_counter()
    meter = Meter(torch.device("cpu"))
    meter.add(torch.tensor(6.0), torch.tensor(2), 100.0)
    meter.add(torch.tensor(2.0), torch.tensor(6), 50.0)
    report = meter.report(step=2, steps=9, rate=0.5)
    assert (report.step, report.steps, report.rate) == (2, 9, 0.5)
    assert (report.loss, report.tokens, report.flops) == (1.0, 8, 150.0)
    assert 0 < report.seconds <= time.perf_counter() - started
    meter.add(torch.tensor(3.0), torch.tensor(1), 1.0)
    assert meter.report(3, 9, 0.5).loss == 3.0


def test_many_small_losses_are_not_lost_in_a_large_sum() -> None:
    """A sum of ten million grows by tenths still: it is kept in float64."""
    meter = Meter(torch.device("cpu"))
    meter.add(torch.tensor(1e7), torch.tensor(0), 0.0)
    for _ in range(10):
        meter.add(torch.tensor(0.1), torch.tensor(1), 0.0)
    assert meter.report(1, 1, 0.0).loss == pytest.approx(1e6 + 0.1, abs=1e-3)


def test_a_pause_is_left_out_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the seconds 0 to 100, with a pause from 10 to 70, a report has 40."""
    clock = iter([0.0, 10.0, 70.0, 100.0, 100.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    meter = Meter(torch.device("cpu"))
    with meter.paused():
        pass
    meter.add(torch.tensor(1.0), torch.tensor(1), 0.0)
    assert meter.report(1, 1, 0.0).seconds == 40.0
