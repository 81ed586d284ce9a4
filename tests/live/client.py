"""A client of the live front, as a browser's page would be, or not quite: every header is the caller's."""

from __future__ import annotations

import http.client
import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import websocket

Message = dict[str, Any]


def ask(port: int, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str, dict[str, str]]:
    """Ask with exactly these headers; return status, body and the answer's headers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body, dict(answer.getheaders())


class Client:
    """Opens the address that lets one reader in, and has a kernel."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.port = parts.port or 0
        self.authority = parts.netloc
        status, _, headers = ask(self.port, "GET", f"{parts.path}?{parts.query}", {"Host": self.authority})
        assert status == 303
        self.cookie = headers["Set-Cookie"].partition(";")[0]

    @property
    def headers(self) -> dict[str, str]:
        return {"Host": self.authority, "Origin": f"http://{self.authority}", "Cookie": self.cookie}

    def ask(self, method: str, path: str) -> tuple[int, Any]:
        status, body, _ = ask(self.port, method, path, {**self.headers, "Content-Length": "0"})
        return status, json.loads(body) if body.startswith(("{", "[")) else body

    def kernel(self) -> Kernel:
        status, model = self.ask("POST", "/_live/kernels")
        assert status == 201
        return Kernel(self, model["id"])


class Kernel:
    """One kernel and the channels to it."""

    def __init__(self, client: Client, id_: str) -> None:
        self.client, self.id = client, id_
        self.path = f"/_live/kernels/{id_}"
        self.socket = open_channels(client.port, self.path, client.headers)

    def send(self, code: str) -> str:
        """Ask the kernel to run code; return the request's id."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": "s",
                  "date": "", "version": "5.4"}  # fmt: skip
        content = {"code": code, "silent": False, "allow_stdin": False, "stop_on_error": True}
        self.socket.send(
            json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content})
        )
        return header["msg_id"]

    def hear(self, request: str) -> Iterator[Message]:
        """Yield what comes of a request, until the kernel is idle and has replied."""
        ends = set()
        patience = time.monotonic() + 120  # seconds: the server's pings keep a socket's own time limit from ending it
        while len(ends) < 2:
            if time.monotonic() > patience:
                raise TimeoutError(f"no end of request {request}")
            message = json.loads(self.socket.recv())
            if message["parent_header"].get("msg_id") == request:
                yield message
                if message["channel"] == "shell":
                    ends.add("reply")
                elif message["content"].get("execution_state") == "idle":
                    ends.add("idle")

    def run(self, code: str) -> list[Message]:
        """Run code to its end, and return its outputs and reply."""
        return [each for each in self.hear(self.send(code)) if each["msg_type"] not in ("status", "execute_input")]

    def text(self, code: str) -> str:
        """Run code, and return what it put out as text."""
        return "".join(plain(each["content"]) for each in self.run(code))

    def act(self, action: str) -> int:
        return self.client.ask("POST", f"{self.path}/{action}")[0]

    def end(self) -> None:
        self.socket.close()
        self.client.ask("DELETE", self.path)


def open_channels(port: int, path: str, headers: Mapping[str, str]) -> websocket.WebSocket:
    """Open a kernel's websocket with exactly these headers; raises WebSocketBadStatusException when it is refused."""
    others = {name: value for name, value in headers.items() if name not in ("Host", "Origin", "Cookie")}
    return websocket.create_connection(
        f"ws://127.0.0.1:{port}{path}/channels", host=headers.get("Host"), origin=headers.get("Origin"),
        cookie=headers.get("Cookie"), suppress_origin="Origin" not in headers, header=others, timeout=60,
    )  # fmt: skip


def plain(content: Message) -> str:
    """Return what a message says, without colors."""
    shown = content.get("data", {}).get("text/plain", "") + content.get("text", "")
    return shown + re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(content.get("traceback", ())))
