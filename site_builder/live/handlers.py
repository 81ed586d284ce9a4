"""What the front answers to each request, and the line that it writes for each that it refuses.

A kernel's endpoints stand below `/_live/kernels`; each is named here, and nothing else of the server behind is reached.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketHandler, WebSocketProtocol13
from tornado.wsgi import WSGIContainer

from site_builder.diagnostics import CannotRun
from site_builder.live.door import Door, shown
from site_builder.live.settings import FRAME_LIMIT, MOST_KERNELS
from site_builder.live.upstream import Upstream

_BODY_LIMIT = 1 << 16
_WAITING = 64  # pages that wait to be told of a new build hold a thread each
_KERNEL = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_SCRIPTS = b'<link rel="stylesheet" href="/_live/live.css"><script defer src="/_live/live.js"></script></head>'
_TYPES = {"live.css": "text/css; charset=utf-8", "live.js": "text/javascript; charset=utf-8"}


def listen(site: WSGIApplication, upstream: Upstream, port: int, bundle: Path) -> tuple[HTTPServer, Door]:
    """Answer on a port of 127.0.0.1, any free one for 0. Raises CannotRun when it is taken."""
    try:
        sockets = bind_sockets(port, "127.0.0.1")
    except OSError as error:
        raise CannotRun(f"port {port} is in use: stop what uses it, or choose another with --port") from error
    door = Door(sockets[0].getsockname()[1])
    pages = WSGIContainer(site, ThreadPoolExecutor(_WAITING))
    routes: list[Any] = [
        (r"/_live/open", OpenHandler),
        (r"/_live/(live\.css|live\.js)", ScriptHandler, {"bundle": bundle}),
        (r"/_live/kernels", KernelsHandler),
        (rf"/_live/kernels/{_KERNEL}", KernelHandler),
        (rf"/_live/kernels/{_KERNEL}/(interrupt|restart)", ActionHandler),
        (rf"/_live/kernels/{_KERNEL}/channels", ChannelsHandler),
        (r"/_live(?:/.*)?", NothingHandler),
        (r".*", PageHandler, {"pages": pages}),
    ]
    application = Application(
        routes, door=door, upstream=upstream, log_function=lambda handler: None,
        websocket_max_message_size=FRAME_LIMIT, websocket_ping_interval=30,
    )  # fmt: skip
    malformed = logging.getLogger("tornado.general")
    malformed.handlers = [_Malformed()]
    malformed.setLevel(logging.INFO)
    malformed.propagate = False
    server = HTTPServer(application, max_body_size=_BODY_LIMIT)
    server.add_sockets(sockets)
    return server, door


class _Malformed(logging.Handler):
    """Writes the line for what is no request at all, which tornado refuses itself."""

    def emit(self, record: logging.LogRecord) -> None:
        print(f"wikitorch: refused a request: {shown(record.getMessage())}", file=sys.stderr, flush=True)


class _Handler(RequestHandler):
    """Refuses what is not for this server, in one line of the log."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "DELETE")

    @property
    def door(self) -> Door:
        door: Door = self.settings["door"]
        return door

    @property
    def upstream(self) -> Upstream:
        upstream: Upstream = self.settings["upstream"]
        return upstream

    @property
    def is_known(self) -> bool:
        return self.door.knows(self.get_cookie(self.door.cookie))

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", "frame-ancestors 'self'")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.clear_header("Server")

    def prepare(self) -> None:
        self.refuse_if(self.door.why_not_here(self.request.path, self.request.headers))

    def refuse_if(self, reason: str | None, status: int = 403) -> None:
        if reason:
            raise HTTPError(status, reason=None, log_message=reason)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, HTTPError):
            self.note(value.log_message or f"{value.status_code}")
        else:
            super().log_exception(typ, value, tb)

    def note(self, reason: str) -> None:
        """Write a refusal's line; the query may hold the key, so it stays out."""
        asked = f"{shown(self.request.method or '')} {shown(self.request.path)}"
        print(f"wikitorch: refused {asked}: {reason.replace('%%', '%')}", file=sys.stderr, flush=True)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs["exc_info"][1]
        reason = error.log_message if isinstance(error, HTTPError) else None
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"Refused: {(reason or str(status_code)).replace('%%', '%')}.\n")


class PageHandler(_Handler):
    """The site's pages, as the WSGI application gives them; a page for a known reader also gets the scripts."""

    def initialize(self, pages: WSGIContainer) -> None:
        self._pages = pages

    async def get(self) -> None:
        loop = asyncio.get_running_loop()
        environ = self._pages.environ(self.request)
        status, headers, body = await loop.run_in_executor(self._pages.executor, self._ask, environ)
        self.set_status(status)
        for name, value in headers:
            self.set_header(name, value)
        if status == 200 and self.is_known and dict(headers).get("Content-Type", "").startswith("text/html"):
            body = body.replace(b"</head>", _SCRIPTS, 1)
        if status >= 400:
            self.note(f"{status}")
        self.set_header("Cache-Control", "no-cache")  # the same page may be live or not
        self.set_header("Content-Length", str(len(body)))
        self.write(body)

    head = get

    def _ask(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        begun: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Callable[[bytes], object]:
            begun[:] = status, headers
            return lambda part: None  # of WSGI; MkDocs returns its parts

        parts = self._pages.wsgi_application(environ, start)
        try:
            body = b"".join(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()
        return int(begun[0].split()[0]), begun[1], body


class OpenHandler(_Handler):
    """Exchanges the key for the session, once."""

    def get(self) -> None:
        site = self.request.headers.get("Sec-Fetch-Site", "none")
        self.refuse_if(None if site in ("none", "same-origin") else f"Sec-Fetch-Site is `{shown(site)}`")
        session = self.door.exchange(self.get_query_argument("key", ""))
        if session is None:
            self.refuse_if("this address was used before, or is of another start: start `wikitorch serve --live` again")
            return
        self.set_cookie(self.door.cookie, session, httponly=True, samesite="Strict")
        self.set_header("Cache-Control", "no-store")
        self.redirect("/", status=303)


class _KernelsHandler(_Handler):
    """Lets in only the pages of this server, and only the reader who holds the session."""

    changes = True

    def prepare(self) -> None:
        super().prepare()
        changes = self.changes and self.request.method not in ("GET", "HEAD")
        self.refuse_if(self.door.why_not_own(self.request.headers, changes=changes))
        self.refuse_if(None if self.is_known else "no session: open the address that `wikitorch serve --live` printed")

    async def pass_on(self, method: str, path: str) -> None:
        status, body = await self.upstream.ask(method, path)
        self.set_status(status)
        if body and status != 204:
            self.set_header("Content-Type", "application/json")
            self.write(body)


class ScriptHandler(_KernelsHandler):
    """The scripts and styles that make a page live."""

    def initialize(self, bundle: Path) -> None:
        self._bundle = bundle

    def get(self, name: str) -> None:
        self.set_header("Content-Type", _TYPES[name])
        self.set_header("Cache-Control", "no-cache")
        self.write((self._bundle / name).read_bytes())


class KernelsHandler(_KernelsHandler):
    """Starts a kernel."""

    async def post(self) -> None:
        status, running = await self.upstream.ask("GET", "")
        if status == 200 and len(json.loads(running)) >= MOST_KERNELS:
            self.refuse_if(f"{MOST_KERNELS} kernels are running: close a page that has one", 429)
        await self.pass_on("POST", "")


class KernelHandler(_KernelsHandler):
    """Says whether a kernel is there; ends it."""

    async def get(self, kernel: str) -> None:
        await self.pass_on("GET", f"/{kernel}")

    async def delete(self, kernel: str) -> None:
        await self.pass_on("DELETE", f"/{kernel}")


class ActionHandler(_KernelsHandler):
    """Interrupts a kernel, or restarts it."""

    async def post(self, kernel: str, action: str) -> None:
        await self.pass_on("POST", f"/{kernel}/{action}")


class NothingHandler(_KernelsHandler):
    """Whatever else stands below `/_live`."""

    def prepare(self) -> None:
        super().prepare()
        self.refuse_if("there is no such endpoint", 404)


class ChannelsHandler(_KernelsHandler, WebSocketHandler):
    """A kernel's channels, from page to kernel and back."""

    _up: WebSocketClientConnection | None = None

    def prepare(self) -> None:
        super().prepare()
        self.refuse_if(self.door.why_not_own(self.request.headers, changes=True))
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            self.refuse_if("not a websocket", 400)

    def check_origin(self, origin: str) -> bool:
        return origin == self.door.origin

    def get_websocket_protocol(self) -> WebSocketProtocol13 | None:
        protocol = super().get_websocket_protocol()
        return _Limited(self, protocol.params) if isinstance(protocol, WebSocketProtocol13) else None

    async def open(self, kernel: str) -> None:
        self.set_nodelay(True)  # or a small message waits up to 40 ms for the one before it to be acknowledged
        try:
            self._up = await self.upstream.connect(kernel)
        except Exception:
            self.close(4404, "no such kernel")
        else:
            self._task = asyncio.create_task(self._return(self._up))

    async def on_message(self, message: str | bytes) -> None:
        if self._up:
            await self._up.write_message(message, binary=isinstance(message, bytes))

    def on_close(self) -> None:
        if self._up:
            self._up.close()

    async def _return(self, up: WebSocketClientConnection) -> None:
        try:
            while (message := await up.read_message()) is not None:
                await self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            return
        self.close(4410, "the kernel is gone")


class _Limited(WebSocketProtocol13):
    """Says when it closes because a page sent too much."""

    def __init__(self, handler: ChannelsHandler, params: Any) -> None:
        super().__init__(handler, False, params)
        self._of = handler

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        if code == 1009:
            self._of.note(f"a frame of more than {FRAME_LIMIT} bytes")
        super().close(code, reason)
