"""What training makes, on disk, with the configuration that it belongs to. Knows nothing of how it was trained."""

import io
import os
import pickle
import zipfile
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import torch
from torch import nn

LONG = 60

Config = Mapping[str, int | float | str | bool]


def save(path: Path, model: nn.Module, config: Config) -> None:
    """Write weights and configuration, as `write` does."""
    write(path, {"weights": model.state_dict()}, config)


def load(path: Path, model: nn.Module, config: Config) -> None:
    """Give the model the weights in the file; raises as `read` does, and ValueError when they are another model's.

    Where it raises, the model is as it was before.
    """
    weights = read(path, {"weights"}, config)["weights"]
    expected, got = ({n: tuple(w.shape) for n, w in each.items()} for each in (model.state_dict(), weights))
    if expected != got:
        differ = sorted(n for n in {*expected, *got} if expected.get(n) != got.get(n))
        msg = f"{path} holds another model: expected {differ[0]} {expected.get(differ[0])}, got {got.get(differ[0])}"
        raise ValueError(msg)
    model.load_state_dict(weights)


def write(path: Path, content: Mapping[str, Any], config: Config) -> None:
    """Write a file of tensors and plain values; a reader sees the one that was there before, or the whole new one.

    A kill at any moment and a full disk leave the file before it. A kill can leave an unfinished one as well, hidden
    and named after it: `sweep` removes those.
    """
    buffer = io.BytesIO()  # torch.save stores a file's name inside it: equal content must give equal bytes
    torch.save({"config": dict(config), **content}, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def read(path: Path, names: set[str], config: Config | None = None) -> dict[str, Any]:
    """Return the content of a file, on the CPU, and its configuration as "config".

    Raises ValueError when the file is cut short or damaged, holds other things than `names`, or was written for another
    configuration than `config`; FileNotFoundError when there is none.
    """
    stored = _unpickled(path)
    if not isinstance(stored, dict) or stored.keys() != {"config", *names}:
        msg = f"{path} is no checkpoint: expected a configuration and {' and '.join(sorted(names))}"
        raise ValueError(msg)
    if config is not None and stored["config"] != dict(config):
        differ = sorted(n for n in {*config, *stored["config"]} if config.get(n) != stored["config"].get(n))
        sides = (config, stored["config"]), (stored["config"], config)
        expected, got = ({n: _brief(side.get(n), other.get(n)) for n in differ} for side, other in sides)
        msg = f"{path} holds another configuration: expected {expected}, got {got}"
        raise ValueError(msg)
    return stored


def sweep(path: Path) -> None:
    """Remove what kills have left of unfinished writes of this file; no other process may be writing it."""
    for unfinished in path.parent.glob(f".{path.name}.*"):
        unfinished.unlink(missing_ok=True)


def _brief(value: object, other: object) -> object:
    """Return a value as an error shows it: a long text only around the place where it differs from the other."""
    if not isinstance(value, str) or len(value) <= LONG:
        return value
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(value, str(other), strict=False)))
    start = max(0, alike - LONG // 2)
    return f"...{value[start : start + LONG]}..."


def _unpickled(path: Path) -> object:
    data = io.BytesIO(path.read_bytes())
    try:
        with zipfile.ZipFile(data) as parts:
            damaged = parts.testzip()  # torch does not look at the sums, and would load other weights without a word
        if damaged:
            msg = f"{damaged} is damaged"
            raise ValueError(msg)
        data.seek(0)
        return torch.load(data, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, LookupError, zipfile.BadZipFile, pickle.UnpicklingError, ValueError) as error:
        msg = f"{path} is cut short or damaged, or no checkpoint: {error}"
        raise ValueError(msg) from error
