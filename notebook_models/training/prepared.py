"""Parallel text made ready to train on, once: its vocabulary, and its pairs as tokens. Knows nothing of models.

A directory receives `tokenizer.json` and `pairs.pt`. Of several processes that ask at once, the first makes them while
the others wait; tokens are mapped from the file, so that the processes of a machine share them.
"""

import fcntl
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

import torch

from notebook_models.text import parallel
from notebook_models.text.shared_vocabulary import SharedVocabulary
from notebook_models.training.pairs import Pairs, Rows

AT_ONCE = 10_000
BLOCK = 1 << 24


@dataclass(frozen=True, slots=True)
class Corpus:
    """A file of parallel text, and which of its languages is translated into which."""

    path: Path
    source: str
    target: str

    def read(self) -> Iterator[tuple[str, str]]:
        """Yield the pairs; raises as `parallel.read` does."""
        return parallel.read(self.path, self.source, self.target)

    def checksum(self) -> int:
        """Return a number that differs when any byte of the file does."""
        value = 0
        with self.path.open("rb") as file:
            while block := file.read(BLOCK):
                value = crc32(block, value)
        return value


def prepare(
    corpus: Corpus, directory: Path, size: int, *, tokenizer: Path | None = None, tell: Callable[[str], None] = print
) -> tuple[SharedVocabulary, Pairs]:
    """Return the vocabulary and the pairs of a directory, made now unless they are there.

    The vocabulary of `size` tokens is learned from the corpus, or read from the file `tokenizer`. Raises ValueError
    where the directory has another vocabulary or other pairs, and as `Corpus.read` and `SharedVocabulary` do.
    """
    next(corpus.read())  # the first line tells most mistakes, before anything is written
    directory.mkdir(parents=True, exist_ok=True)
    with _alone(directory):
        vocabulary = _vocabulary(corpus, directory / "tokenizer.json", size, tokenizer, tell)
        made_of = {
            "source": corpus.source, "target": corpus.target, "text": corpus.checksum(),
            "vocabulary": vocabulary.checksum,
        }  # fmt: skip
        path = directory / "pairs.pt"
        if not path.exists():
            tell(f"cutting {corpus.path} into tokens")
            sides = (_rows((pair[side] for pair in corpus.read()), vocabulary) for side in (0, 1))
            _write(path, {"made_of": made_of, "rows": [(rows.tokens, rows.offsets) for rows in sides]})
    return vocabulary, _read(path, made_of)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Wait until no other process prepares this directory."""
    with (directory / ".preparing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _vocabulary(
    corpus: Corpus, path: Path, size: int, given: Path | None, tell: Callable[[str], None]
) -> SharedVocabulary:
    if given and not given.is_file():
        msg = f"no file {given}: a vocabulary is a tokenizer.json of an earlier training"
        raise FileNotFoundError(msg)
    taken = SharedVocabulary.load(given) if given else None
    if not path.exists():
        if not taken:
            tell(f"learning {size:,} tokens from {corpus.path}")
            taken = SharedVocabulary.learn((text for pair in corpus.read() for text in pair), size)
        taken.expect(size)
        taken.save(path)
    vocabulary = SharedVocabulary.load(path)
    if taken and taken.checksum != vocabulary.checksum:
        msg = f"{path} is another vocabulary than {given}: choose another directory"
        raise ValueError(msg)
    vocabulary.expect(size)
    return vocabulary


def _rows(texts: Iterable[str], vocabulary: SharedVocabulary) -> Rows:
    return Rows.of(row for chunk in _chunks(iter(texts)) for row in vocabulary.encode(chunk))


def _chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(islice(texts, AT_ONCE)):
        yield chunk


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Write straight to disk, since a corpus is too large to be held twice; what is there is whole."""
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _read(path: Path, made_of: Mapping[str, Any]) -> Pairs:
    try:
        stored = torch.load(path, mmap=True, weights_only=True)
        was, rows = stored["made_of"], [Rows(tokens, offsets) for tokens, offsets in stored["rows"]]
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, KeyError, ValueError, TypeError) as error:
        msg = f"{path} is broken, remove it to have it made again: {str(error).splitlines()[0]}"
        raise ValueError(msg) from error
    if was != made_of:
        differ = ", ".join(name for name in made_of if was.get(name) != made_of[name])
        msg = f"{path} was made of something else ({differ} differ): choose another directory, or remove the file"
        raise ValueError(msg)
    return Pairs(*rows)
