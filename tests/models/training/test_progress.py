import sys
from pathlib import Path

import pytest
from runs import curve

from notebook_models.training.progress import rates, shown
from notebook_models.training.reports import Measured, Report


def report(step: int, loss: float = 2.0) -> Report:
    """Steps that took 2 seconds for 500 target tokens and 3e9 operations."""
    return Report(step=step, steps=100, loss=loss, rate=1e-3, tokens=500, seconds=2.0, flops=3e9)


def test_rates_are_per_second_and_of_the_ceiling() -> None:
    """500 tokens in 2 s are 250 a second; 1.5e9 operations a second are 30 % of 5e9."""
    assert rates(report(1), 5e9) == (250.0, pytest.approx(0.3))


def test_a_log_has_a_line_for_each_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal, each report is one line on stderr with all that it tells."""
    with shown(tmp_path, 0, 5e9) as show:
        show(report(10))
        show(Measured(20, 100, perplexity=12.345))
        show(report(20, loss=1.5))
    assert capsys.readouterr().err.splitlines() == [
        "step 10 of 100, loss 2.000, rate 1.00e-03, 250 tokens/s, MFU 30%",
        "step 20 of 100, development perplexity 12.35",
        "step 20 of 100, loss 1.500, rate 1.00e-03, 250 tokens/s, MFU 30%",
    ]


def test_a_terminal_has_a_bar(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal a bar shows how many steps are done, with what the last report tells."""
    for name, value in (("FORCE_COLOR", "1"), ("COLUMNS", "150"), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    with shown(tmp_path, 10, 5e9) as show:
        show(Measured(20, 100, perplexity=12.345))
        show(report(20))
    written = capsys.readouterr().err
    assert "20/100" in written
    assert "loss 2.000" in written
    assert "step 20 of 100, development perplexity 12.35\n" in written
    assert "━" in written


def test_tensorboard_reads_what_was_reported(tmp_path: Path) -> None:
    """Loss, rate, tokens a second and utilization, each at its step; perplexity where it was measured."""
    with shown(tmp_path, 0, 5e9) as show:
        show(report(10))
        show(Measured(15, 100, perplexity=8.0))
        show(report(20, loss=1.5))
    assert curve(tmp_path, "loss") == {10: 2.0, 20: 1.5}
    assert curve(tmp_path, "learning rate") == pytest.approx({10: 1e-3, 20: 1e-3})
    assert curve(tmp_path, "development perplexity") == {15: 8.0}
    assert curve(tmp_path, "tokens a second") == {10: 250.0, 20: 250.0}
    assert curve(tmp_path, "model FLOPs utilization") == pytest.approx({10: 0.3, 20: 0.3})


def test_steps_after_the_last_save_are_taken_back(tmp_path: Path) -> None:
    """A training that reached step 30, was killed, and goes on from a save at 15 shows each step once."""
    with shown(tmp_path, 0, 5e9) as show:
        for step in (10, 20, 30):
            show(report(step, loss=float(step)))
    with shown(tmp_path, 15, 5e9) as show:
        show(report(20, loss=1.0))
    assert curve(tmp_path, "loss") == {10: 10.0, 20: 1.0}


def test_without_tensorboard_training_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is not installed, one line says so and what to install, and reports are shown all the same."""
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with shown(tmp_path, 0, 5e9) as show:
        show(report(10))
    first, second = capsys.readouterr().err.splitlines()
    assert first == "no curves: TensorBoard is not installed (pip install 'wikitorch[training]')"
    assert second.startswith("step 10")
    assert not (tmp_path / "tensorboard").exists()
