"""The note on speed says what was recorded: each row of its tables is made anew from the record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notebook_models.training.flops import Cost

ROOT = Path(__file__).parents[1]
NOTE = (ROOT / "vault/Training/Training Speed.md").read_text()
RECORD = json.loads((ROOT / "benchmarks/results/models-base-cpu.json").read_text())
PEERS = ("nn.Transformer", "Marian", "x-transformers")
STEPS, TOKENS, LENGTH = 100_000, 25_000, 25  # of the paper's base model; sentences of about 25 tokens
DAY = 24 * 60 * 60


def rows() -> Iterator[str]:
    for figure in RECORD["figures"]:
        medians = {name: spread["median"] for name, spread in figure["systems"].items()}
        speeds = [f"{medians[name]:,.0f}" if name in medians else "" for name in ("ours", *PEERS)]
        yield f"| {figure['task']}, batch {figure['batch']} | {' | '.join(speeds)} |"
    for task, held in RECORD["peak_memory_mib"].items():
        yield f"| {task} | {' | '.join(f'{held[name]:,}' for name in ('ours', *PEERS))} |"


@pytest.mark.parametrize("row", list(rows()))
def test_every_row_is_as_recorded(row: str) -> None:
    assert row.replace(" |  |", " | |") in NOTE


def test_ratios_machine_and_date_are_as_recorded() -> None:
    train, *_ = (figure for figure in RECORD["figures"] if figure["task"] == "train")
    decoding = {figure["batch"]: figure for figure in RECORD["figures"] if figure["task"] == "greedy"}
    for figure in (train, *decoding.values()):
        for name in PEERS if figure is train else ("Marian",):
            assert f"{figure['times_as_fast_as'][name]['median']:.2f} times {name}" in NOTE
    assert f"{RECORD['date']}, {RECORD['machine']['device']}, {RECORD['machine']['cores']} cores" in NOTE
    assert f"torch {RECORD['versions']['torch']}".split("+")[0] in NOTE
    assert f"{train['mfu']:.0%}".replace("%", " percent") in NOTE


def test_the_papers_training_at_the_measured_rate() -> None:
    """Operations by the formula, over the operations a second that training reached."""
    cost: dict[str, Any] = {"d_model": 512, "d_ff": 2048, "n_layers": 6, "vocab": 37_000}
    operations = STEPS * TOKENS * Cost(**cost).per_token(LENGTH)
    rate = next(figure["tflops"] for figure in RECORD["figures"] if figure["task"] == "train") * 1e12
    assert f"{operations / 1e17:.1f} \\cdot 10^{{17}}" in NOTE
    assert f"{operations / rate / DAY:.0f} days" in NOTE
