"""MkDocs' preview behind the live front: MkDocs builds and watches, the front answers. Compiles nothing itself."""

from __future__ import annotations

from collections.abc import Callable

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer

from site_builder.live import Front


class LivePreview(LiveReloadServer):
    """A preview that has no socket of its own: the front asks it for pages."""

    def __init__(
        self, front: Front, server: LiveReloadServer, config: MkDocsConfig, builder: Callable[[], None]
    ) -> None:
        host, port = config.dev_addr
        super().__init__(builder, host, port, server.root, server.mount_path)
        self.error_handler = server.error_handler
        self._front = front
        for path in (config.docs_dir, config.config_file_path):
            self.watch(path)

    def serve(self, *, open_in_browser: bool = False) -> None:
        """Serve until interrupted."""
        self.observer.start()
        address = self._front.start(self.serve_request)
        click.echo(f"{address}\nopens once, for one reader, whose pages then run code  (Ctrl-C stops)", err=True)
        self._build_loop()  # type: ignore[no-untyped-call]

    def shutdown(self, wait: bool = False) -> None:
        """Stop the kernels, then the watching."""
        self._front.stop()
        super().shutdown(wait)
