"""Results kept between runs, by the hash of everything they depend on. Knows nothing of what they mean.

Values are JSON, so a cache that came with somebody's vault can be wrong but cannot run code.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDER = ".wikitorch"


def content_key(*parts: str | bytes) -> str:
    """Return one hash of several texts; the boundaries between them count."""
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode(errors="surrogateescape") if isinstance(part, str) else part  # file names
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


class Cache:
    """A table of (kind, key) -> JSON value in one SQLite file; in memory when `path` is None."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = _open(path)

    def get(self, kind: str, key: str) -> Any | None:
        """Return a value, or None when it is not kept."""
        row = self._db.execute("SELECT value FROM results WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return None if row is None else json.loads(row[0])

    def get_kind(self, kind: str) -> dict[str, Any]:
        """Return all values of one kind."""
        rows = self._db.execute("SELECT key, value FROM results WHERE kind = ?", (kind,))
        return {key: json.loads(value) for key, value in rows}

    def put(self, kind: str, values: Mapping[str, Any]) -> None:
        """Keep values, durably, in one transaction."""
        rows = [(kind, key, json.dumps(value, ensure_ascii=False)) for key, value in values.items()]
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        self._db.close()


@contextmanager
def open_cache(path: Path | None) -> Iterator[Cache]:
    """Open a cache for the length of a block."""
    cache = Cache(path)
    try:
        yield cache
    finally:
        cache.close()


def _open(path: Path | None) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.DatabaseError:
        if path is None:
            raise
        path.unlink(missing_ok=True)  # a damaged cache costs time, never a build
        return _connect(path)


def _connect(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(path or ":memory:", timeout=30)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("CREATE TABLE IF NOT EXISTS results (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key))")
    return db
