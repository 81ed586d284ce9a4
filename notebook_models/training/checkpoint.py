"""A model's weights on disk, with the configuration they belong to. Knows nothing of how they were trained."""

import io
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import torch
from torch import nn

Config = Mapping[str, int | float | str | bool]


def save(path: Path, model: nn.Module, config: Config) -> None:
    """Write weights and configuration; a reader sees the file that was there before, or the whole new one."""
    buffer = io.BytesIO()  # torch.save stores a file's name inside it: equal weights must give equal bytes
    torch.save({"config": dict(config), "weights": model.state_dict()}, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(buffer.getvalue())
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def load(path: Path, model: nn.Module, config: Config) -> None:
    """Give the model the weights in the file.

    Raises ValueError when the file is cut short or no checkpoint, or when it was written for another configuration;
    FileNotFoundError when there is none.
    """
    stored = _read(path)
    if stored["config"] != dict(config):
        names = sorted(n for n in {*config, *stored["config"]} if config.get(n) != stored["config"].get(n))
        expected, got = ({n: c.get(n) for n in names} for c in (config, stored["config"]))
        msg = f"{path} holds another configuration: expected {expected}, got {got}"
        raise ValueError(msg)
    model.load_state_dict(stored["weights"])


def _read(path: Path) -> dict[str, Any]:
    data = io.BytesIO(path.read_bytes())
    try:
        stored = torch.load(data, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError, ValueError) as error:
        msg = f"{path} is cut short, or no checkpoint: {error}"
        raise ValueError(msg) from error
    if not isinstance(stored, dict) or stored.keys() != {"config", "weights"}:
        msg = f"{path} is no checkpoint: expected a configuration and weights"
        raise ValueError(msg)
    return stored
