"""What is said while notebooks run, where there is no terminal."""

from __future__ import annotations

import pytest

from site_builder.execute.progress import Finished, FromCache, Started
from site_builder.run_progress import watch_runs


def test_a_long_run_names_its_slowest_cells(capsys: pytest.CaptureFixture[str]) -> None:
    """Each notebook as it ends, and at the end where the time went: three places, the longest first."""
    cells = (("a.py:1", 2.0), ("a.py:9", 7.25), ("a.py:20", 0.5)), (("b.py:3", 4.0),)
    with watch_runs() as progress:
        for model, status, times in (("a", "ok", cells[0]), ("b", "failed", cells[1])):
            progress(Started(model))
            progress(Finished(model, status, sum(each for _, each in times), times))  # type: ignore[arg-type]
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith("ran a in 9.8 s ran b in 4.0 s: failed")
    assert said.endswith("slowest cells: a.py:9 7.2 s, b.py:3 4.0 s, a.py:1 2.0 s")


def test_a_short_run_and_kept_results_are_told_shortly(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing for what is kept, and no times for what took a moment."""
    with watch_runs() as progress:
        progress(FromCache("a"))
        progress(Started("b"))
        progress(Finished("b", "ok", 0.4, (("b.py:1", 0.4),)))
    assert capsys.readouterr().err == "ran b in 0.4 s\n"
