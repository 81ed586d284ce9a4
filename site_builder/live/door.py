"""Who may come in: whether a request is of this server's own pages, and of the one reader who holds the key.

Knows requests by their method, address and headers alone, and nothing of kernels.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from hmac import compare_digest
from urllib.parse import unquote

Headers = Mapping[str, str]

_ODD = re.compile(r"//|\\|(^|/)\.{1,2}(/|$)|[\x00-\x1f\x7f]")
_ENCODED = re.compile(r"%(2f|5c|2e)", re.IGNORECASE)
_SHOWN = 120


class Door:
    """The server's own address, its key for one use, and the session that the key was exchanged for."""

    def __init__(self, port: int) -> None:
        self.authority = f"127.0.0.1:{port}"
        self.origin = f"http://{self.authority}"
        self.cookie = f"wikitorch-live-{port}"  # browsers send a cookie to every port of a host
        self.key = secrets.token_urlsafe(32)
        self._used = False
        self._session = ""

    def exchange(self, key: str) -> str | None:
        """Return a session for the key, the first time that it is shown."""
        if self._used or not compare_digest(key.encode(), self.key.encode()):
            return None
        self._used = True
        self._session = secrets.token_urlsafe(32)
        return self._session

    def knows(self, session: str | None) -> bool:
        """Whether a cookie holds the session."""
        return bool(session and self._session) and compare_digest((session or "").encode(), self._session.encode())

    def why_not_here(self, path: str, headers: Headers) -> str | None:
        """Say why a request is for no page of this server, or return None."""
        host = headers.get("Host", "")
        if host != self.authority:
            return f"the Host {_quoted(host)} is not {self.authority}"
        if not path.startswith("/") or _ENCODED.search(path) or _ODD.search(unquote(path)):
            return "the path leaves the usual form"
        return None

    def why_not_own(self, headers: Headers, *, changes: bool) -> str | None:
        """Say why a request comes from no page of this server, or return None.

        What `changes` something must name its origin; browsers leave it out where a page reads from its own server.
        """
        origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site", "same-origin")
        if origin != self.origin and (changes or origin is not None):
            return f"the Origin {_quoted(origin or '')} is not {self.origin}"
        return None if site == "same-origin" else f"Sec-Fetch-Site is {_quoted(site)}"


def shown(text: str) -> str:
    """Make what a stranger sent fit for one line of a log."""
    kept = "".join(char if char.isprintable() and char.isascii() else "?" for char in text[:_SHOWN])
    return kept + ("…" if len(text) > _SHOWN else "")


def _quoted(text: str) -> str:
    return f"`{shown(text)}`"
