"""How much memory process groups hold, from Linux's /proc. Knows nothing of limits, or of what the processes are.

Resident memory, not address space: torch maps much that it never touches, so `RLIMIT_AS` would stop a notebook that
holds little. Pages that processes share count once for each of them.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

_PROC = Path("/proc")
_EVERY_SECONDS = 0.1
_SHARE = 0.1  # of the time, at most, goes into looking: a machine may have thousands of processes


class MemoryWatch:
    """The memory of every process group, looked up a few times a second. Where there is no /proc, all hold nothing."""

    def __init__(self) -> None:
        self._held: Counter[int] = Counter()
        self._next = 0.0

    def held(self, group: int) -> int:
        """Return the bytes that a process group held when it was last looked at."""
        if (now := time.monotonic()) >= self._next:
            self._held = _resident()
            cost = time.monotonic() - now
            self._next = now + max(_EVERY_SECONDS, cost / _SHARE)
        return self._held[group]


def _resident() -> Counter[int]:
    held: Counter[int] = Counter()
    for name in os.listdir(_PROC) if _PROC.is_dir() else ():
        if name.isdecimal():
            try:
                stat = (_PROC / name / "stat").read_text(errors="replace")
            except OSError:  # it has just ended
                continue
            fields = stat.rpartition(")")[2].split()  # a process may have any name, but it stands in parentheses
            held[int(fields[2])] += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return held
