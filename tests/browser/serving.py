"""Sites on localhost, below a path as on a project's pages."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from site_builder.build import build_site


def serve(host: Path) -> Iterator[str]:
    """Yield the address of the site in `host`/notes."""
    handler = functools.partial(_Quiet, directory=str(host))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/notes/"
    server.shutdown()


def serve_notes(root: Path, notes: Mapping[str, str]) -> Iterator[str]:
    """Build a site of some notes in an empty folder, and yield its address."""
    for name, text in notes.items():
        path = root / "vault" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = root / "mkdocs.yml"
    config.write_text("site_name: Notes\ndocs_dir: vault\nplugins: [wikitorch]\n")
    assert build_site(config, site_dir=root / "host" / "notes") == 0
    yield from serve(root / "host")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
