"""What the runner says while it works. The command line draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from site_builder.execute.results import RunStatus


@dataclass(frozen=True, slots=True)
class FromCache:
    """A model's notebook has not changed since it was run."""

    model: str


@dataclass(frozen=True, slots=True)
class Started:
    """A model's notebook has begun to run."""

    model: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A model's notebook has ended, after so many seconds; each of its cells took so many, by `file:line`."""

    model: str
    status: RunStatus
    seconds: float
    cells: tuple[tuple[str, float], ...] = ()


Event: TypeAlias = FromCache | Started | Finished
Progress: TypeAlias = Callable[[Event], None]


def quiet(_event: Event) -> None:
    """Say nothing."""
