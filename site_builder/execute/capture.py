"""Everything a notebook's process puts out, written down as it happens, so that a killed process loses nothing.

Python's own streams write to the journal. What C code or a subprocess writes goes to a file, which is read before each
Python write and at the end of each cell: so two runs give one order. Knows nothing of what a cell computes.
"""

from __future__ import annotations

import codecs
import ctypes
import io
import json
import os
import sys
import threading
from pathlib import Path

from site_builder.execute.job import STREAMS, Job, journal_path, raw_path
from site_builder.execute.results import OutputKind


class Journal:
    """The record of one run, for `journal.read_run`. A cell may leave `limit` bytes of output; the rest is dropped."""

    def __init__(self, job: Job, limit: int) -> None:
        self.owner = os.getpid()
        self._file = os.open(journal_path(job), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._raw = [_RawStream(name, raw_path(job, name)) for name in STREAMS]
        self._limit = self._room = limit
        self._truncated = False
        self._lock = threading.RLock()

    def redirect(self) -> None:
        """Send the process's streams here: Python's to the journal, descriptors 1 and 2 to files."""
        for descriptor, raw in enumerate(self._raw, start=1):
            os.dup2(raw.descriptor, descriptor)
        sys.stdout, sys.stderr = (_Stream(self, name, number) for number, name in enumerate(STREAMS, start=1))

    def begin(self, cell: int) -> None:
        self._room = self._limit
        self._truncated = False
        self._write({"begin": cell})

    def end(self, seconds: float) -> None:
        with self._lock:
            self._drain()
            self._write({"end": seconds})

    def fail(self, line: int, error: str, traceback: str) -> None:
        self._write({"failure": {"line": line, "error": error, "traceback": traceback}})

    def done(self) -> None:
        self._write({"done": True})

    def stream(self, name: str, text: str) -> None:
        """Record what Python wrote to a stream."""
        with self._lock:
            self._drain()
            self._put("stream", text.encode(errors="replace"), name)

    def show(self, kind: OutputKind, data: str) -> None:
        """Record a displayed value. Half a picture is no picture: one that does not fit is left out whole."""
        with self._lock:
            self._drain()
            encoded = data.encode(errors="replace")
            if kind == "panel":  # no output of the cell's own making, but files of the site
                self._write({"output": {"kind": kind, "data": data, "name": ""}})
            elif kind == "text" or len(encoded) <= self._room:
                self._put(kind, encoded)
            else:
                self._truncate()

    def _drain(self) -> None:
        _flush_c()
        for raw in self._raw:
            if new := raw.read(self._room + 1):
                self._put("stream", new.encode(), raw.name, read=raw.position)

    def _put(self, kind: OutputKind, data: bytes, name: str = "", **more: int) -> None:
        kept = data[: self._room]
        self._room -= len(kept)
        if kept or more:
            self._write({"output": {"kind": kind, "data": kept.decode(errors="ignore"), "name": name}, **more})
        if len(kept) < len(data):
            self._truncate()

    def _truncate(self) -> None:
        self._room = 0
        if not self._truncated:
            self._write({"truncated": True})
        self._truncated = True

    def _write(self, record: dict[str, object]) -> None:
        os.write(self._file, json.dumps(record).encode() + b"\n")


class _RawStream:
    """The file that a descriptor of the process is sent to, and how much of it was read."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.position = 0
        self._file = path.open("rb", buffering=0)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def read(self, limit: int) -> str:
        """Return what is new, up to `limit` bytes of it, and pass over the rest."""
        size = os.fstat(self.descriptor).st_size
        if size == self.position:
            return ""
        data = self._file.read(limit)
        self.position = self._file.seek(size)
        return self._decoder.decode(data)


class _Stream(io.TextIOBase):
    """What stands for `sys.stdout` or `sys.stderr`. Its `buffer` and descriptor are the process's own."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, journal: Journal, name: str, descriptor: int) -> None:
        self._journal = journal
        self._name = name
        self._descriptor = descriptor
        self.buffer = io.FileIO(descriptor, "w", closefd=False)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if os.getpid() == self._journal.owner:
            self._journal.stream(self._name, text)
        else:  # a process that the notebook forked: its writing is read as any subprocess's
            self.buffer.write(text.encode(errors="replace"))
        return len(text)


def _flush_c() -> None:
    """Have C code's own buffers written out, where the process has one C library."""
    if _C_LIBRARY is not None:
        _C_LIBRARY.fflush(None)


_C_LIBRARY = ctypes.CDLL(None) if os.name == "posix" else None
