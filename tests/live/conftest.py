"""The live front before a server of kernels that only writes down what reaches it, and before a real one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from site_builder.live import Front
from site_builder.live.door import Door
from site_builder.live.front import BUNDLE
from site_builder.live.handlers import listen
from site_builder.live.upstream import Upstream
from tests.live.client import Client

PAGE = b"<html><head><title>A page</title></head><body></body></html>"


def site(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """A site of one page, which is everywhere but below /no."""
    found = not environ["PATH_INFO"].startswith("/no")
    start("200 OK" if found else "404 Not Found", [("Content-Type", "text/html")])
    return [PAGE]


class Recorder:
    """Stands for the server of kernels, and for its websocket."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, object]] = []

    async def ask(self, method: str, path: str) -> tuple[int, bytes]:
        self.reached.append((method, path))
        return 200, b"[]"

    async def connect(self, kernel: str) -> Recorder:
        self.reached.append(("websocket", kernel))
        return self

    async def write_message(self, message: str | bytes, binary: bool) -> None:
        self.reached.append(("message", message))

    async def read_message(self) -> None:
        await asyncio.Event().wait()

    def close(self) -> None:
        """Be closed."""


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def door(recorder: Recorder) -> Iterator[Door]:
    """The door of a front before the recorder; the front answers while the test runs."""
    ready: list[Door] = []
    begun, ended = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server, door = listen(cast(Any, site), cast(Upstream, recorder), 0, BUNDLE)
        ready.extend((door,))
        begun.set()
        await ended.wait()
        server.stop()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert begun.wait(10)
    yield ready[0]
    loop.call_soon_threadsafe(ended.set)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A reader with the session of a front before real kernels."""
    root = tmp_path_factory.mktemp("project")
    (root / "own_module.py").write_text("ANSWER = 42\n")
    front = Front(Path(root), 0)
    address = front.start(cast(Any, site))
    yield Client(address)
    front.stop()
