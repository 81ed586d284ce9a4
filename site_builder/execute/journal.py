"""Reads what a notebook's process left in its folder, however the process ended. Starts nothing."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from site_builder.execute.job import STREAMS, Ending, Job, Limits, journal_path, raw_path, stack_path
from site_builder.execute.results import CellFailure, CellRun, NotebookRun, Output, RunStatus

_STOPPED: dict[str, RunStatus] = {"time": "timeout", "memory": "memory"}
_ADDRESS = re.compile(r" at 0x[0-9a-f]{6,16}\b")


def read_run(job: Job, n_cells: int, ending: Ending, limits: Limits) -> NotebookRun:
    """Return the run of a job whose process has ended. `n_cells` counts the notebook's markdown cells too."""
    record = _Record(job)
    failure = None if record.done else record.failure or _sudden_end(job, record.current, ending, limits)
    if failure:
        record.close(failure)
    cells = tuple(record.cells[i].run(limits) if i in record.cells else CellRun() for i in range(n_cells))
    status: RunStatus = _STOPPED.get(ending.stopped, "failed") if failure else "ok"
    return NotebookRun(status, cells, failure)


@dataclass(slots=True)
class _CellRecord:
    outputs: list[Output] = field(default_factory=list)
    seconds: float = 0.0
    truncated: bool = False

    def run(self, limits: Limits) -> CellRun:
        words = f"\n[the rest is left out: a cell may put out {limits.output // 1024} KiB]\n"
        notice = [Output("stream", words, "stderr")] if self.truncated else []
        return CellRun(tuple(merged([*self.outputs, *notice])), self.seconds, self.truncated)


class _Record:
    """The journal, read up to where it breaks off."""

    def __init__(self, job: Job) -> None:
        self.done = False
        self.failure: CellFailure | None = None
        self.current = job.cells[0].index
        self.cells = {self.current: _CellRecord()}
        self._job = job
        self._read = dict.fromkeys(STREAMS, 0)
        for entry in _entries(job):
            self._take(entry)

    def _take(self, entry: dict[str, Any]) -> None:
        cell = self.cells[self.current]
        match entry:
            case {"begin": int(index)}:
                self.current = index
                self.cells[index] = _CellRecord()
            case {"output": output, **rest}:
                cell.outputs.append(Output(**output))
                self._read.update({output["name"]: rest["read"]} if "read" in rest else {})
            case {"truncated": True}:
                cell.truncated = True
            case {"end": seconds}:
                cell.seconds = seconds
            case {"failure": failure}:
                self.failure = CellFailure(self.current, **failure)
            case {"done": True}:
                self.done = True

    def close(self, failure: CellFailure) -> None:
        """Add what the process wrote and nobody read before it ended, and the failure itself."""
        outputs = self.cells[self.current].outputs
        outputs += [Output("stream", text, name) for name in STREAMS if (text := self._unread(name))]
        outputs.append(Output("error", failure.traceback or failure.error))

    def _unread(self, stream: str, limit: int = 64 * 1024) -> str:
        path = raw_path(self._job, stream)
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(self._read[stream])
            return file.read(limit).decode(errors="replace")


def _entries(job: Job) -> Iterator[dict[str, Any]]:
    path = journal_path(job)
    for line in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
        if line.endswith(b"\n"):  # a process killed while it wrote leaves half a line
            yield json.loads(line)


def merged(outputs: list[Output]) -> Iterator[Output]:
    """Join what was written to one stream in a row, and leave out memory addresses: they differ from run to run."""
    for (kind, name), group in groupby(outputs, key=lambda output: (output.kind, output.name)):
        if kind == "stream":
            yield Output(kind, _ADDRESS.sub("", "".join(output.data for output in group)), name)
        elif kind == "text":
            yield from (Output(kind, _ADDRESS.sub("", output.data)) for output in group)
        else:
            yield from group


def _sudden_end(job: Job, current: int, ending: Ending, limits: Limits) -> CellFailure:
    """Return the failure of a process that could not tell it: killed, crashed, or ended by `os._exit`."""
    if ending.stopped == "time":
        error = f"still running after {limits.seconds:g} s"
    elif ending.stopped == "memory":
        error = f"holding more than {limits.memory // 1024**2} MB of memory"
    elif ending.stopped == "output":
        error = "C code or a subprocess wrote without end"
    elif ending.status < 0:
        error = f"killed by {signal.Signals(-ending.status).name}"
    else:
        error = f"the process ended with exit status {ending.status}"
    return CellFailure(current, _last_line(job, current), error, "")


def _last_line(job: Job, current: int) -> int:
    """Return the line that a killed process said it was in, or else the first of its cell."""
    begins = next(cell.line for cell in job.cells if cell.index == current)
    path = stack_path(job)
    stack = path.read_text(errors="replace") if path.exists() else ""
    name = job.path.encode("ascii", "backslashreplace").decode()
    lines = re.findall(rf'File "{re.escape(name)}", line (\d+) in <module>', stack)
    return int(lines[-1]) if lines else begins
