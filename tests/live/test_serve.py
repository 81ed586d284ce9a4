"""`wikitorch serve --live` as a command: what it prints, and that nothing of it stays behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.client import Client

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of Unix")

WIKITORCH = Path(sys.executable).with_name("wikitorch")


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "Home.md").write_text("# Home\n")
    (tmp_path / "mkdocs.yml").write_text("site_name: Small\n")
    return tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(vault: Path) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    command = [str(WIKITORCH), "serve", "--live", "--port", str(free_port())]
    process = subprocess.Popen(
        command, cwd=vault, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stderr is not None
    printed = ""
    while not (found := re.search(r"http://\S+/_live/open\S+", printed)):
        line = process.stderr.readline()
        assert line, printed
        printed += line
    yield process, Client(found[0])
    process.kill()
    process.wait()
    process.stderr.close()


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_its_end_is_the_end_of_its_kernels(
    served: tuple[subprocess.Popen[str], Client], signal_: signal.Signals
) -> None:
    """Also in the midst of an endless loop, and when it is killed without a chance to clean up."""
    process, client = served
    kernel = client.kernel()
    pids = kernel.text("import os; print(os.getpid(), os.getppid(), os.environ['IPYTHONDIR'])").split()
    kernel.send("while True:\n    pass")
    assert all(is_running(int(pid)) for pid in pids[:2])
    process.send_signal(signal_)
    process.wait(60)
    for _ in range(600):
        left = [pid for pid in pids[:2] if is_running(int(pid))]
        if not left and not Path(pids[2]).exists():
            break
        time.sleep(0.1)
    assert not left
    assert not Path(pids[2]).exists()


def test_pages_are_served_and_reload(served: tuple[subprocess.Popen[str], Client], vault: Path) -> None:
    client = served[1]
    page = client.ask("GET", "/")[1]
    assert "/_live/live.js" in page
    assert "livereload(" in page
    (vault / "docs" / "Home.md").write_text("# Home\n\nMore words.\n")
    epoch = re.search(r"livereload\((\d+)", page)
    assert epoch
    assert int(client.ask("GET", f"/livereload/{epoch[1]}/1")[1]) > int(epoch[1])
    assert "More words." in client.ask("GET", "/")[1]


def test_a_taken_port_ends_in_one_line(vault: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [WIKITORCH, "serve", "--live", "--port", port], cwd=vault, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"port {port} is in use" in done.stderr


def test_missing_packages_end_in_one_line(vault: Path) -> None:
    code = "import sys; sys.modules['jupyter_server'] = None; from site_builder.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--live", "--port", str(free_port())],
        cwd=vault, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "wikitorch[live]" in done.stderr
