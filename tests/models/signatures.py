"""The checks of signatures, switched off: a training calls the same few functions thousands of times."""

from collections.abc import Iterator
from contextlib import contextmanager

from jaxtyping import config


@contextmanager
def unchecked() -> Iterator[None]:
    """Leave the shapes in signatures unchecked, as they are outside tests."""
    config.update("jaxtyping_disable", True)
    try:
        yield
    finally:
        config.update("jaxtyping_disable", False)
