"""The note on speed says what was recorded: each row of its tables is made anew from the record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from notebook_models.training.flops import Cost

ROOT = Path(__file__).parents[1]
NOTE = (ROOT / "vault/Training/Training Speed.md").read_text()
RECORDS = {
    size: json.loads((ROOT / f"benchmarks/results/models-{size}-cpu.json").read_text()) for size in ("base", "big")
}
PEERS = ("nn.Transformer", "Marian", "x-transformers")
TOKENS, LENGTH = 25_000, 25  # of a step of the paper; sentences of about 25 tokens
PAPER: dict[str, tuple[int, dict[str, Any]]] = {  # steps, and sizes
    "base": (100_000, {"d_model": 512, "d_ff": 2048, "n_layers": 6, "vocab": 37_000}),
    "big": (300_000, {"d_model": 1024, "d_ff": 4096, "n_layers": 6, "vocab": 37_000}),
}
DAY = 24 * 60 * 60
Record = Mapping[str, Any]


def rows(record: Record) -> Iterator[str]:
    for figure in record["figures"]:
        medians = {name: spread["median"] for name, spread in figure["systems"].items()}
        speeds = [f"{medians[name]:,.0f}" if name in medians else "" for name in ("ours", *PEERS)]
        yield f"| {figure['task']}, batch {figure['batch']} | {' | '.join(speeds)} |"
    for task, held in record["peak_memory_mib"].items():
        yield f"| {task} | {' | '.join(f'{held[name]:,}' for name in ('ours', *PEERS))} |"


@pytest.mark.parametrize("row", [row for record in RECORDS.values() for row in rows(record)])
def test_every_row_is_as_recorded(row: str) -> None:
    assert row.replace(" |  |", " | |") in NOTE


@pytest.mark.parametrize("size", RECORDS)
def test_ratios_machine_and_date_are_as_recorded(size: str) -> None:
    record = RECORDS[size]
    train, *_ = (figure for figure in record["figures"] if figure["task"] == "train")
    decoding = {figure["batch"]: figure for figure in record["figures"] if figure["task"] == "greedy"}
    for figure in (train, *decoding.values()):
        for name in PEERS if figure is train else ("Marian",):
            assert f"{figure['times_as_fast_as'][name]['median']:.2f} times {name}" in NOTE
    assert f"{record['date']}, {record['machine']['device']}, {record['machine']['cores']} cores" in NOTE
    assert f"torch {record['versions']['torch']}".split("+")[0] in NOTE
    assert f"median of {train['rounds']} rounds" in NOTE
    assert f"{train['mfu']:.0%}".replace("%", " percent") in NOTE


@pytest.mark.parametrize("size", RECORDS)
def test_the_papers_training_at_the_measured_rate(size: str) -> None:
    """Operations by the formula, over the operations a second that training reached."""
    steps, sizes = PAPER[size]
    operations = steps * TOKENS * Cost(**sizes).per_token(LENGTH)
    rate = next(figure["tflops"] for figure in RECORDS[size]["figures"] if figure["task"] == "train") * 1e12
    assert f"{operations / 1e17:.1f} \\cdot 10^{{17}}" in NOTE
    assert f"{operations / rate / DAY:,.0f} days" in NOTE
