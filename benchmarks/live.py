"""The round trip of a live cell, through the front and back: python benchmarks/live.py

Start: until the front answers. Kernel: from asking for one to its first reply, torch imported. Round trip: from sending
`1 + 1` to the kernel's reply, as a page's websocket sees it; straight: the same to the kernels' own server.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from site_builder.live.front import BUNDLE
from site_builder.live.handlers import listen
from site_builder.live.upstream import Upstream

RUNS = 200


async def main(root: Path) -> None:
    """Print the figures."""
    began = time.perf_counter()
    upstream = Upstream(root)
    await upstream.start()
    server, door = listen(_no_site, upstream, 0, BUNDLE)
    print(f"start       {time.perf_counter() - began:.2f} s")
    try:
        began = time.perf_counter()
        cookie = await _session(f"{door.origin}/_live/open?key={door.key}")
        headers = {"Origin": door.origin, "Cookie": cookie}
        address = f"{door.origin}/_live/kernels"
        kernel = json.loads((await AsyncHTTPClient().fetch(address, method="POST", body="", headers=headers)).body)[
            "id"
        ]
        channels = f"{address.replace('http', 'ws', 1)}/{kernel}/channels"
        page = await websocket_connect(HTTPRequest(channels, headers=headers))
        await _round_trip(page)
        print(f"kernel      {time.perf_counter() - began:.2f} s")
        _report("round trip", [await _round_trip(page) for _ in range(RUNS)])
        straight = await upstream.connect(kernel)
        await _round_trip(straight)
        _report("straight", [await _round_trip(straight) for _ in range(RUNS)])
    finally:
        server.stop()
        upstream.stop()


async def _session(address: str) -> str:
    answer = await AsyncHTTPClient().fetch(address, follow_redirects=False, raise_error=False)
    return answer.headers["Set-Cookie"].partition(";")[0]


async def _round_trip(channels: WebSocketClientConnection) -> float:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": "s", "date": "",
              "version": "5.4"}  # fmt: skip
    content = {"code": "1 + 1", "silent": False, "allow_stdin": False}
    message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
    began = time.perf_counter()
    await channels.write_message(json.dumps(message))
    heard: set[str] = set()
    while not {"execute_result", "execute_reply"} <= heard:
        answer = json.loads(await channels.read_message() or "{}")
        if answer["parent_header"].get("msg_id") == header["msg_id"]:
            heard.add(answer["msg_type"])
    return 1000 * (time.perf_counter() - began)


def _report(name: str, figures: list[float]) -> None:
    figures.sort()
    most = figures[int(0.99 * len(figures))]
    print(f"{name:11} {statistics.median(figures):.1f} ms (99 of 100 under {most:.1f} ms, {len(figures)} runs)")


def _no_site(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("404 Not Found", [])
    return []


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else folder)))
