"""What a page's kernel does, through the front, with a real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from site_builder.live import Front
from tests.live.client import Client, Kernel, plain
from tests.live.conftest import site

ENDLESS = "print('begun', flush=True)\nwhile True:\n    pass"


@pytest.fixture(scope="module")
def shared(client: Client) -> Iterator[Kernel]:
    """One kernel for all that leaves it as it was."""
    kernel = client.kernel()
    yield kernel
    kernel.end()


def statuses(kernel: Kernel) -> Iterator[str]:
    while True:
        content = json.loads(kernel.socket.recv())["content"]
        if "execution_state" in content:
            yield content["execution_state"]


def test_cells_share_their_state(shared: Kernel) -> None:
    assert shared.run("x = 20")[-1]["content"]["status"] == "ok"
    assert shared.text("x + 1") == "21"


def test_the_project_is_the_working_folder_and_its_modules_are_found(shared: Kernel) -> None:
    assert shared.text("import own_module; own_module.ANSWER") == "42"
    assert shared.text("import pathlib; print(pathlib.Path('own_module.py').exists())") == "True\n"


def test_output_comes_while_the_cell_runs(shared: Kernel) -> None:
    """The first line is heard while the cell waits for a file that is written only then."""
    wait = "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"
    request = shared.send(f"print('first')\n{wait}\nprint('second')")
    other = shared.client.kernel()
    heard = []
    for message in shared.hear(request):
        if message["msg_type"] == "stream":
            heard.append(message["content"]["text"])
            if heard == ["first\n"]:
                other.run("open('go', 'w').close()")
    other.end()
    assert "".join(heard) == "first\nsecond\n"


def test_an_error_has_its_traceback_and_stops_what_was_sent_after_it(shared: Kernel) -> None:
    first, second = shared.send("def half(x):\n    return x / 0\nhalf(1)"), shared.send("1")
    error = next(each for each in shared.hear(first) if each["msg_type"] == "error")
    assert error["content"]["ename"] == "ZeroDivisionError"
    assert "in half(x)" in plain(error["content"])
    assert [each["content"]["status"] for each in shared.hear(second) if each["channel"] == "shell"] == ["aborted"]


def test_figures_are_the_builds_own(shared: Kernel) -> None:
    """Transparent SVG with its own ids, shown once whether it is a cell's value or was left open."""
    for code in ("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "plt.figure()"):
        shown = [each["content"]["data"] for each in shared.run(code) if "data" in each["content"]]
        assert len(shown) == 1
        assert shown[0]["image/svg+xml"].startswith("<svg style=")
        assert "image/png" not in shown[0]


def test_rich_values_come_as_html(shared: Kernel) -> None:
    code = "class Bold:\n    def _repr_html_(self): return '<b>x</b>'\nBold()"
    # A library's thread may write to stderr while this cell runs, as matplotlib's does when it first makes its cache.
    shown = [each["content"]["data"] for each in shared.run(code) if "data" in each["content"]]
    assert [data["text/html"] for data in shown] == ["<b>x</b>"]


def test_standard_input_is_refused(shared: Kernel) -> None:
    assert "StdinNotImplementedError" in shared.text("input()")


def test_the_token_is_nowhere_to_be_read(shared: Kernel) -> None:
    """Neither in what a page is sent, nor in the environment of the code that it runs."""
    assert shared.text("import os; [name for name in os.environ if 'TOKEN' in name and 'LIVE' in name]") == "[]"
    assert set(shared.client.ask("GET", shared.path)[1]) == {
        "id", "name", "last_activity", "execution_state", "connections"
    }  # fmt: skip


def test_an_endless_loop_is_interrupted(shared: Kernel) -> None:
    request = shared.send(ENDLESS)
    messages = shared.hear(request)
    assert any(each["msg_type"] == "stream" for each in messages)  # busy is not enough: the loop itself has begun
    assert shared.act("interrupt") == 204
    assert [each["content"]["ename"] for each in messages if each["msg_type"] == "error"] == ["KeyboardInterrupt"]
    assert shared.text("'still here'") == "'still here'"


def test_a_restart_forgets_even_in_the_midst_of_an_endless_loop(client: Client) -> None:
    kernel = client.kernel()
    kernel.run("x = 1")
    kernel.send(ENDLESS)
    assert kernel.act("restart") == 200
    again = Kernel(client, kernel.id)
    assert "NameError" in again.text("x")
    again.end()


def test_a_kernel_that_dies_is_told_of_and_started_afresh(client: Client) -> None:
    kernel = client.kernel()
    kernel.send("import os; os._exit(1)")
    assert "restarting" in statuses(kernel)
    again = Kernel(client, kernel.id)
    assert again.text("1 + 1") == "2"
    again.end()


def test_two_pages_have_two_kernels(client: Client, shared: Kernel) -> None:
    other = client.kernel()
    other.run("mine = 1")
    assert "NameError" in shared.text("mine")
    other.end()


def test_channels_of_no_kernel_are_closed(client: Client) -> None:
    kernel = client.kernel()
    kernel.end()
    gone = Kernel(client, kernel.id)
    code, _ = gone.socket.recv_data()
    assert code == 8  # a close frame


def test_kernels_run_where_there_are_no_unix_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("site_builder.live.upstream.UNIX_SOCKETS", False)
    front = Front(tmp_path, 0)
    client = Client(front.start(cast(Any, site)))
    assert client.kernel().text("1 + 1") == "2"
    front.stop()


def test_there_is_an_end_to_starting_kernels(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("site_builder.live.handlers.MOST_KERNELS", 1)
    kept = client.ask("POST", "/_live/kernels")
    status, words = client.ask("POST", "/_live/kernels")
    assert (status, "close a page" in words) == (429, True)
    if kept[0] == 201:
        client.ask("DELETE", f"/_live/kernels/{kept[1]['id']}")
