"""Nobody reaches a kernel but a page of this server, in the hands of the reader who opened the printed address."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import pytest
import websocket

from site_builder.live.door import Door
from site_builder.live.settings import FRAME_LIMIT
from tests.live.client import Client, ask, open_channels
from tests.live.conftest import Recorder

KERNELS = "/_live/kernels"
ID = "01234567-89ab-cdef-0123-456789abcdef"
Headers = dict[str, str]
Alter = Callable[[Headers, Door], Headers]


def known(door: Door) -> Headers:
    """Return the headers of a page of this server, with the session."""
    return Client(f"{door.origin}/_live/open?key={door.key}").headers


def port(door: Door) -> int:
    return int(door.authority.partition(":")[2])


def with_(**changed: str) -> Alter:
    names = {name.replace("_", "-"): value for name, value in changed.items()}
    return lambda headers, door: {**headers, **{name: value.format(port=port(door)) for name, value in names.items()}}


def without(name: str) -> Alter:
    return lambda headers, door: {key: value for key, value in headers.items() if key != name}


ATTACKS: dict[str, Alter] = {
    "wrong host": with_(Host="example.org"),
    "no host": without("Host"),
    "another port in host": with_(Host="127.0.0.1:1"),
    "DNS rebinding by name": with_(Host="evil.example:{port}", Origin="http://evil.example:{port}"),
    "localhost is another name": with_(Host="localhost:{port}", Origin="http://localhost:{port}"),
    "foreign origin": with_(Origin="http://evil.example"),
    "origin of another port": with_(Origin="http://127.0.0.1:1"),
    "origin of another scheme": with_(Origin="https://127.0.0.1:{port}"),
    "origin that begins alike": with_(Origin="http://127.0.0.1:{port}.evil.example"),
    "hidden origin": with_(Origin="null"),
    "no origin": without("Origin"),
    "cross-site": with_(Sec_Fetch_Site="cross-site"),
    "same site, another port": with_(Sec_Fetch_Site="same-site"),
    "no cookie": without("Cookie"),
    "wrong cookie": with_(Cookie="wikitorch-live-{port}=guess"),
    "empty cookie": with_(Cookie="wikitorch-live-{port}="),
    "cookie of another port": with_(Cookie="wikitorch-live-1=guess"),
}


def test_a_page_of_this_server_reaches_the_kernels(door: Door, recorder: Recorder) -> None:
    """The control: the same request, unaltered."""
    headers = known(door)
    assert ask(port(door), "POST", KERNELS, {**headers, "Content-Length": "0"})[0] == 200
    channels = open_channels(port(door), f"{KERNELS}/{ID}", headers)
    channels.send("hello")
    channels.close()
    assert recorder.reached[:3] == [("GET", ""), ("POST", ""), ("websocket", ID)]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_altered_request_is_refused(
    door: Door, recorder: Recorder, capfd: pytest.CaptureFixture[str], attack: str
) -> None:
    headers = {**ATTACKS[attack](known(door), door), "Content-Length": "0"}
    status = ask(port(door), "POST", KERNELS, headers)[0]
    assert status in (400, 403)
    assert not recorder.reached
    assert capfd.readouterr().err.count("wikitorch: refused ") == 1


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name != "no host"])  # the client always sends one
def test_an_altered_upgrade_is_refused(
    door: Door, recorder: Recorder, capfd: pytest.CaptureFixture[str], attack: str
) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException):
        open_channels(port(door), f"{KERNELS}/{ID}", ATTACKS[attack](known(door), door))
    assert not recorder.reached
    assert capfd.readouterr().err.count(f"wikitorch: refused GET {KERNELS}/{ID}/channels: ") == 1


@pytest.mark.parametrize(
    "path",
    [
        "/_live/kernels/../contents", "/_live/kernels/%2e%2e/contents", "/_live/kernels/%2E./contents",
        "/_live//kernels", "//_live/kernels", "/_live/kernels/..%2fcontents", "/_live/kernels%2f..%2fterminals",
        "/_live/kernels/..%5cterminals", "/_live/kernels/%252e%252e/contents", "/_live/contents", "/_live/terminals",
        "/_live/api/contents", "/_live/kernelspecs", f"/_live/kernels/{ID}/../../contents", f"/_live/kernels/{ID}/x",
        f"/_live/kernels/{ID}/", "/_live/kernels/", f"/_live/kernels/{ID.upper()}", "/_live/kernels/1/channels",
        f"/_live/kernels/{ID}%0d%0aX:/channels", f"/_live/kernels/{ID}%00", f"/_live/kernels/{ID}/channels",
        "/_live", "/_live/", "/_live/live.ts", "/_live/../bundle/katex.min.js", "/./_live/kernels",
        "/no/api/contents", "/no/../api/terminals",
    ],
)  # fmt: skip
def test_a_path_to_anything_else_is_refused(
    door: Door, recorder: Recorder, capfd: pytest.CaptureFixture[str], path: str
) -> None:
    status = ask(port(door), "GET", path, known(door))[0]
    assert status in (400, 403, 404, 405)
    assert not recorder.reached
    assert capfd.readouterr().err.count("wikitorch: refused GET ") == 1


@pytest.mark.parametrize("path", ["/a%2fb/", "/a%5cb/", "/%2e/a/", "/a//b/", "/a/../b/"])
def test_a_path_has_one_form(door: Door, path: str) -> None:
    """What two servers might read in two ways is refused, wherever it leads."""
    assert ask(port(door), "GET", path, {"Host": door.authority})[0] == 403
    assert ask(port(door), "GET", "/a/%C3%A9 %25.png".replace(" ", "%20"), {"Host": door.authority})[0] == 200


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}/_live/kernels", "http://evil.example/_live/kernels", "*"])
def test_a_request_as_to_a_proxy_is_refused(
    door: Door, recorder: Recorder, capfd: pytest.CaptureFixture[str], address: str
) -> None:
    status = ask(port(door), "POST", address.format(port=port(door)), {**known(door), "Content-Length": "0"})[0]
    assert status in (400, 403)
    assert not recorder.reached
    assert capfd.readouterr().err.count("wikitorch: refused ") == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", KERNELS), ("PUT", KERNELS), ("DELETE", KERNELS), ("OPTIONS", KERNELS), ("PATCH", f"{KERNELS}/{ID}"),
        ("POST", f"{KERNELS}/{ID}"), ("GET", f"{KERNELS}/{ID}/restart"), ("TRACE", "/"), ("POST", "/"), ("PUT", "/"),
        ("POST", "/_live/open"), ("POST", f"{KERNELS}/{ID}/channels"), ("HEAD", KERNELS),
    ],
)  # fmt: skip
def test_other_methods_are_refused(
    door: Door, recorder: Recorder, capfd: pytest.CaptureFixture[str], method: str, path: str
) -> None:
    headers = {**known(door), "Content-Length": "0"}
    assert ask(port(door), method, path, headers)[0] in (400, 405)
    assert not recorder.reached
    assert capfd.readouterr().err.count(f"wikitorch: refused {method} {path}: ") == 1


def test_an_oversized_frame_ends_the_connection(
    door: Door, recorder: Recorder, capfd: pytest.CaptureFixture[str]
) -> None:
    channels = open_channels(port(door), f"{KERNELS}/{ID}", known(door))
    channels.send("x" * FRAME_LIMIT)
    with suppress(websocket.WebSocketConnectionClosedException, ConnectionError):
        channels.send("x" * (FRAME_LIMIT + 1))
        channels.recv_data(control_frame=True)  # the end of the connection, and no ping before it
    sizes = [len(str(what)) for kind, what in recorder.reached if kind == "message"]
    assert sizes == [FRAME_LIMIT]
    assert f"a frame of more than {FRAME_LIMIT} bytes" in capfd.readouterr().err


def test_an_oversized_body_is_not_read(door: Door, recorder: Recorder, capfd: pytest.CaptureFixture[str]) -> None:
    headers = {**known(door), "Content-Length": str(1 << 30)}
    with socket.create_connection(("127.0.0.1", port(door)), timeout=30) as connection:
        lines = [f"POST {KERNELS} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        connection.sendall("\r\n".join(lines).encode())
        assert not connection.recv(100).startswith(b"HTTP/1.1 2")
    assert not recorder.reached
    assert capfd.readouterr().err.count("wikitorch: refused ") == 1


def test_the_address_opens_once(door: Door, capfd: pytest.CaptureFixture[str]) -> None:
    path = f"/_live/open?key={door.key}"
    host = {"Host": door.authority}
    assert ask(port(door), "GET", "/_live/open?key=guess", host)[0] == 403
    assert ask(port(door), "GET", "/_live/open", host)[0] == 403
    assert ask(port(door), "GET", path, {**host, "Sec-Fetch-Site": "cross-site"})[0] == 403
    assert ask(port(door), "HEAD", path, host)[0] == 405
    status, _, headers = ask(port(door), "GET", path, {**host, "Sec-Fetch-Site": "none"})
    assert (status, headers["Location"]) == (303, "/")
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "SameSite=Strict" in headers["Set-Cookie"]
    status, words, headers = ask(port(door), "GET", path, host)
    assert status == 403
    assert "used before" in words
    assert "Set-Cookie" not in headers
    log = capfd.readouterr().err
    assert log.count("wikitorch: refused") == 5
    assert door.key not in log


def test_only_a_known_reader_gets_live_pages(door: Door) -> None:
    host = {"Host": door.authority}
    assert "_live" not in ask(port(door), "GET", "/a/", host)[1]
    assert "_live" not in ask(port(door), "GET", "/a/", {**host, "Cookie": f"{door.cookie}=guess"})[1]
    assert ask(port(door), "GET", "/_live/live.js", host)[0] == 403
    headers = known(door)
    status, page, answer = ask(port(door), "GET", "/a/", headers)
    assert (status, int(answer["Content-Length"])) == (200, len(page))
    assert "/_live/live.js" in page
    assert ask(port(door), "GET", "/_live/live.js", headers)[0] == 200


def test_pages_are_for_this_host_alone(door: Door, capfd: pytest.CaptureFixture[str]) -> None:
    """A rebound name does not read the notes either."""
    assert ask(port(door), "GET", "/a/", {"Host": f"evil.example:{port(door)}"})[0] == 403
    assert "the Host `evil.example" in capfd.readouterr().err


def test_what_a_stranger_sends_stays_on_one_line_of_the_log(door: Door, capfd: pytest.CaptureFixture[str]) -> None:
    ask(port(door), "GET", "/%1b[31m", {"Host": "x\x1b[31m\ty" * 100})
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) <= 1
    assert not any("\x1b" in line or len(line) > 600 for line in lines)
