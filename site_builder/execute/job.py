"""What the worker is told, and what it answers. Values only, as JSON between the processes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SEED = 0
"""What `random` and torch are seeded with before each notebook."""

STREAMS = ("stdout", "stderr")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many seconds a notebook may run, how many bytes a cell may put out, how many its processes may hold."""

    seconds: float = 60.0
    output: int = 256 * 1024
    memory: int = 4096 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A code cell: its place among the notebook's cells, its source, and the line of the file where it starts."""

    index: int
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Job:
    """One notebook to run. `text` is the whole file, for tracebacks; `folder` is scratch space of the run's own."""

    name: str
    path: str
    text: str
    cells: tuple[CodeCell, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class Request:
    """All that one worker is to do: `parallel` jobs at once, forked from one process or each in a fresh one.

    `preload` are the slow modules to import beforehand.
    """

    jobs: tuple[Job, ...]
    parallel: int
    limits: Limits
    fork: bool
    preload: tuple[str, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Request:
        value = json.loads(text)
        jobs = tuple(Job(**{**job, "cells": tuple(CodeCell(**cell) for cell in job["cells"])}) for job in value["jobs"])
        limits, preload = Limits(**value["limits"]), tuple(value["preload"])
        return cls(**{**value, "jobs": jobs, "limits": limits, "preload": preload})


@dataclass(frozen=True, slots=True)
class Ending:
    """How a notebook's process ended: its exit status, and what stopped it: `time`, `output`, `memory`, or none."""

    job: str
    status: int
    stopped: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def request_path(folder: Path) -> Path:
    """Return the file that tells a process which is not forked what to run."""
    return folder / "request"


def journal_path(job: Job) -> Path:
    return Path(job.folder) / "journal"


def raw_path(job: Job, stream: str) -> Path:
    """Return the file that a stream of the process is sent to; the journal says how much of it was read."""
    return Path(job.folder) / stream


def stack_path(job: Job) -> Path:
    """Return the file where a process that is killed leaves the lines that it was in."""
    return Path(job.folder) / "stack"
