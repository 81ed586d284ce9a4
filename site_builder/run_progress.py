"""Progress of running notebooks, drawn on a terminal, or told a line each where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from site_builder.execute.progress import Event, Finished, FromCache, Progress, Started

_LONG = 10.0  # seconds of running, from which on it is worth saying where they went
_NAMED = 3


@contextmanager
def watch_runs() -> Iterator[Progress]:
    """Give a callback for the runner's events; nothing is shown when every result was kept."""
    console = Console(stderr=True, highlight=False)
    running: list[str] = []
    cells: list[tuple[str, float]] = []
    with console.status("") as status:
        status.stop()

        def show(event: Event) -> None:
            match event:
                case Started(model):
                    running.append(model)
                case Finished(model, outcome, seconds, times):
                    running.remove(model)
                    cells.extend(times)
                    console.print(
                        f"ran {model} in {seconds:.1f} s" + ("" if outcome == "ok" else f": [bold red]{outcome}[/]")
                    )
                case FromCache():
                    return
            if running:
                status.update(f"running {', '.join(running)}")
                status.start()
            else:
                status.stop()

        yield show
    if sum(seconds for _, seconds in cells) > _LONG:
        console.print(f"slowest cells: {_slowest(cells)}")


def _slowest(cells: list[tuple[str, float]]) -> str:
    longest = sorted(cells, key=lambda cell: -cell[1])[:_NAMED]
    return ", ".join(f"{place} {seconds:.1f} s" for place, seconds in longest)
