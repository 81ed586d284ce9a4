"""The site's own server while it is live: pages for everyone who asks rightly, kernels for the one who holds the key.

It serves a WSGI application's pages, and runs in a thread of its own. Knows nothing of how pages are made.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from importlib.util import find_spec
from pathlib import Path
from wsgiref.types import WSGIApplication

from site_builder.diagnostics import CannotRun

BUNDLE = Path(__file__).parents[1] / "bundle" / "live"


def require_packages() -> None:
    """Raise CannotRun when what the kernels need is not installed."""
    missing = [name for name in ("jupyter_server", "ipykernel") if find_spec(name) is None]
    if missing:
        raise CannotRun(f"--live needs {' and '.join(missing)}: pip install 'wikitorch[live]'")
    if not BUNDLE.is_dir():
        raise CannotRun("the front-end bundle is missing: run `make setup`")


class Front:
    """Answers on a port of 127.0.0.1, from `start` to `stop`."""

    def __init__(self, root: Path, port: int) -> None:
        self._root, self._port = root, port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def start(self, site: WSGIApplication) -> str:
        """Serve a site's pages, and kernels; return the address that lets one reader in.

        Raises CannotRun when the port is taken, or the kernels' server does not start.
        """
        ready: Future[str] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(site, ready)), name="front", daemon=True)
        self._thread.start()
        return ready.result()

    def stop(self) -> None:
        """Stop serving, and end every kernel."""
        if self._loop and self._ended and self._thread:
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join()
            self._loop = None

    async def _serve(self, site: WSGIApplication, ready: Future[str]) -> None:
        from site_builder.live.handlers import listen
        from site_builder.live.upstream import Upstream

        upstream = Upstream(self._root)
        try:
            await upstream.start()
            server, door = listen(site, upstream, self._port, BUNDLE)
            self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
            ready.set_result(f"{door.origin}/_live/open?key={door.key}")
            await self._ended.wait()
            server.stop()
        except Exception as error:
            ready.set_exception(error)
        finally:
            upstream.stop()
