"""The process that runs kernels: jupyter_server with nothing but its kernels. Ends when its parent does.

`python -m site_builder.live.jupyter ROOT FOLDER PORT`: it keeps its files and its Unix socket in the folder, which it
removes at its end; where there are no such sockets, it listens on a port of 127.0.0.1. The token is in the environment,
and leaves it before a kernel starts.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_server.serverapp import ServerApp
from traitlets.config import Config

from site_builder.live.settings import CULL_AFTER, NO_PORT, SOCKET, TOKEN

_FROM_WIKITORCH = "site_builder.live.kernel"


class OwnKernel(KernelSpecManager):
    """Offers one kernel, of this very Python, whatever else is installed for the user."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", _FROM_WIKITORCH, "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python", language="python")


class Kernels(ServerApp):
    """A server that answers to `/api/kernels` and below, and writes nothing about itself to disk."""

    default_services = ("kernels",)  # type: ignore[assignment]  # no contents, no terminals, no sessions
    name = "wikitorch-kernels"

    def write_server_info_file(self) -> None:
        """Tell nobody: the parent knows."""

    def write_browser_open_files(self) -> None:
        """Open nothing."""


def main(root: str, folder: str, port: str) -> None:
    """Serve until standard input ends, which it does when the parent is no more."""
    by_socket = port == NO_PORT
    where: dict[str, Any] = {"sock": f"{folder}/{SOCKET}"} if by_socket else {"port": int(port), "ip": "127.0.0.1"}
    config = Config()
    config.ServerApp = Config(
        root_dir=root, open_browser=False, allow_root=True, terminals_enabled=False, log_level=logging.ERROR,
        kernel_spec_manager_class=OwnKernel, **where,
    )  # fmt: skip
    config.IdentityProvider = Config(token=os.environ.pop(TOKEN))
    config.MappingKernelManager = Config(
        cull_idle_timeout=CULL_AFTER, cull_interval=min(30, CULL_AFTER), cull_connected=False, cull_busy=True
    )
    config.KernelManager = Config(shutdown_wait_time=1.0)  # what is in an endless loop hears no request to end
    config.KernelRestarter = Config(time_to_dead=1.0, restart_limit=3)
    if by_socket:
        config.KernelManager.transport = "ipc"  # others of this machine could listen to a port
    app = Kernels.instance(config=config)
    app.initialize(argv=[], find_extensions=False)
    threading.Thread(target=_end_with_parent, args=(app,), daemon=True).start()
    try:
        app.start()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_parent(app: Kernels) -> None:
    sys.stdin.buffer.read()
    app.stop(from_signal=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
