"""The process that runs kernels, seen from the front: started, asked, stopped. Knows nothing of who asks.

It listens on a Unix socket in a folder of its own, where the system has such sockets, else on a free port of 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

import site_builder
from site_builder.diagnostics import CannotRun
from site_builder.live.settings import NO_PORT, OUTPUT_LIMIT, SOCKET, TOKEN

UNIX_SOCKETS = hasattr(socket, "AF_UNIX")
_SHORT = "/tmp" if os.path.isdir("/tmp") else None  # the name of a Unix socket has room for about 100 letters
_START = 60.0
_STOP = 5.0
_KERNEL_START = 60.0


class Upstream:
    """jupyter_server as a child process, of which a project's folder is the working folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._token = secrets.token_hex(32)
        self._folder = tempfile.mkdtemp(prefix="wt-live-", dir=_SHORT)  # only this user can enter it
        self._place, self._port = _place(self._folder)
        self._child: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start the process and wait until it answers. Raises CannotRun when it does not."""
        command = [sys.executable, "-m", "site_builder.live.jupyter", str(self._root), self._folder, self._port]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, cwd=self._root, env=self._environment(), start_new_session=True
        )
        for _ in range(int(_START / 0.05)):
            if self._child.poll() is not None:
                raise CannotRun("the server of kernels did not start: it says why above")
            if (await self.ask("GET", ""))[0] == 200:
                return
            await asyncio.sleep(0.05)
        raise CannotRun(f"the server of kernels did not answer within {_START:.0f} s")

    async def ask(self, method: str, path: str) -> tuple[int, bytes]:
        """Ask for `/api/kernels` and what is below it; return status and body, 502 when nobody answers."""
        request = HTTPRequest(
            f"http://localhost/api/kernels{path}", method, headers=self._headers(), request_timeout=_KERNEL_START,
            body=b"" if method == "POST" else None,
        )  # fmt: skip
        client = SimpleAsyncHTTPClient(force_instance=True, resolver=_To(place=self._place))
        try:
            answer = await client.fetch(request, raise_error=False)
        except (OSError, HTTPClientError):
            return 502, b""
        finally:
            client.close()
        return (502 if answer.code == 599 else answer.code), answer.body

    async def connect(self, kernel: str) -> WebSocketClientConnection:
        """Open a kernel's channels."""
        address = f"ws://localhost/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        return await websocket_connect(
            HTTPRequest(address, headers=self._headers()), resolver=_To(place=self._place),
            max_message_size=OUTPUT_LIMIT,
        )  # fmt: skip

    def stop(self) -> None:
        """End the process and its kernels, and remove what it kept."""
        if self._child:
            assert self._child.stdin is not None
            self._child.stdin.close()
            try:
                self._child.wait(_STOP)
            except subprocess.TimeoutExpired:
                self._child.kill()  # its kernels see that, and end
                self._child.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self._token}"}

    def _environment(self) -> dict[str, str]:
        here = Path(site_builder.__file__).parent.parent
        paths = [str(self._root), str(here), os.environ.get("PYTHONPATH", "")]
        own = {f"JUPYTER_{each}_DIR": self._folder for each in ("CONFIG", "DATA", "RUNTIME")}
        return {
            **os.environ, **own, TOKEN: self._token, "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "IPYTHONDIR": self._folder, "JUPYTER_NO_CONFIG": "1",
        }  # fmt: skip


class _To(Resolver):
    """Leads every name to one place."""

    def initialize(self, place: tuple[int, Any]) -> None:
        self._place = place

    async def resolve(self, host: str, port: int, family: int = 0) -> list[tuple[int, Any]]:
        return [self._place]


def _place(folder: str) -> tuple[tuple[int, Any], str]:
    if UNIX_SOCKETS:
        return (socket.AF_UNIX, f"{folder}/{SOCKET}"), NO_PORT
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return (socket.AF_INET, probe.getsockname()), str(probe.getsockname()[1])
