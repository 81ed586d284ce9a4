"""Keeps notebooks' processes to their limits, several at once. Knows nothing of what runs in them or how they start."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TextIO, TypeAlias

from site_builder.execute.job import STREAMS, Ending, Job, Limits, Request, journal_path, raw_path, stack_path
from site_builder.execute.memory import MemoryWatch

POLL_SECONDS = 0.005
LAST_WORDS_SECONDS = 3.0
"""How long a process that is past its limits may take to write down where it is."""

SILENCE_SECONDS = 0.1
"""After how long without another word it has said all."""

STARTUP_SECONDS = 120.0
"""How long a process may take to import torch, before its notebook's own time begins."""

RAW_LIMIT = 32 * 1024 * 1024
"""How many bytes a notebook's C code and subprocesses may write, before it is stopped for the disk's sake."""


class Process(Protocol):
    """A notebook's process, which leads a process group of its own."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; None while it runs."""


Start: TypeAlias = Callable[[Job, Request], Process]


class Running:
    """A notebook at work."""

    def __init__(self, job: Job, process: Process, limits: Limits) -> None:
        self.job = job
        self._process = process
        self._limits = limits
        self._started = time.monotonic()
        self._deadline = self._started + STARTUP_SECONDS
        self._begun = False
        self._stopped = ""

    def check(self, memory: MemoryWatch) -> Ending | None:
        """Return how it ended, or None while it runs. One that is past its limits is stopped."""
        status = self._process.poll()
        if status is not None:
            self.kill()  # whatever it left running ends with it
            return Ending(self.job.name, status, self._stopped, time.monotonic() - self._started)
        if not self._begun and journal_path(self.job).exists():
            self._begun, self._deadline = True, time.monotonic() + self._limits.seconds
        if not self._stopped and (why := self._past_limits(memory)):
            self._stopped = why
            self._stop()
        return None

    def kill(self) -> None:
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        elif self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGTERM)

    def end(self) -> None:
        """Kill it, and return once it is gone."""
        self.kill()
        while self._process.poll() is None:
            time.sleep(POLL_SECONDS)
            self.kill()  # once more, for one that did not lead a group of its own yet

    def _past_limits(self, memory: MemoryWatch) -> str:
        if time.monotonic() > self._deadline:
            return "time"
        if memory.held(self._process.pid) > self._limits.memory:
            return "memory"
        written = sum(_size(raw_path(self.job, stream)) for stream in STREAMS)
        return "output" if written > RAW_LIMIT else ""

    def _stop(self) -> None:
        """Let it write down the line it is in, then kill it."""
        if self._begun and os.name == "posix":
            os.kill(self._process.pid, signal.SIGUSR1)
            self._hear_last_words()
        self.kill()

    def _hear_last_words(self) -> None:
        said, stack = 0, stack_path(self.job)
        for _ in range(round(LAST_WORDS_SECONDS / SILENCE_SECONDS)):
            time.sleep(SILENCE_SECONDS)
            if said and _size(stack) == said:
                break
            said = _size(stack)


def supervise(request: Request, start: Start, answers: TextIO) -> None:
    """Run every job of a request, `parallel` at once, and answer with a line when each starts and ends.

    Ends early, with all its notebooks, when the process that asked has gone.
    """
    asker = os.getppid()
    waiting = list(reversed(request.jobs))
    running: list[Running] = []
    memory = MemoryWatch()
    try:
        while (waiting or running) and os.getppid() == asker:
            while waiting and len(running) < request.parallel:
                job = waiting.pop()
                _say(answers, {"started": job.name})
                running.append(Running(job, start(job, request), request.limits))
            time.sleep(POLL_SECONDS)
            running = list(_still_running(running, memory, answers))
    finally:
        for one in running:
            one.end()


def _still_running(running: list[Running], memory: MemoryWatch, answers: TextIO) -> Iterator[Running]:
    for one in running:
        if (ending := one.check(memory)) is None:
            yield one
        else:
            _say(answers, {"ended": ending.to_json()})


def _say(answers: TextIO, event: dict[str, object]) -> None:
    print(json.dumps(event), file=answers, flush=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
