"""The one way out: no address inside, whatever name it hides behind; bounded in time and size."""

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kehu.core import outbound
from kehu.core.outbound import OutboundFailed, OutboundRefused

INSIDE = [
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_not_called(address: str):
    def refuse_all(*_: Any) -> list[str]:
        return ["93.184.215.14", address]

    with pytest.raises(OutboundRefused):
        outbound.check_address("https://innocent.example/", resolve=refuse_all)
    with pytest.raises(OutboundRefused):
        outbound.send("POST", "https://innocent.example/", resolve=refuse_all)


def as_the_system_does(host: str, port: int) -> list[str]:
    """What getaddrinfo makes of a literal; names are off in tests."""
    if host == "localhost":
        return ["127.0.0.1", "::1"]
    return [host] if ":" in host else [socket.inet_ntoa(socket.inet_aton(host))]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/",
        "https://localhost/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/",
    ],
)  # fmt: skip
def test_other_spellings_of_this_machine_are_not_called(url: str):
    with pytest.raises(OutboundRefused):
        outbound.send("GET", url, resolve=as_the_system_does)


def test_a_name_that_answers_differently_the_second_time_is_checked_then_too(receiver: "Receiver"):
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    outbound.check_address("https://flip.example/", resolve=lambda *_: next(answers))
    with pytest.raises(OutboundRefused):
        outbound.send("POST", "https://flip.example/", resolve=lambda *_: next(answers))
    assert receiver.calls == []


class Receiver(http.server.ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.calls: list[str] = []

    @property
    def url(self) -> str:
        return f"http://inside.test:{self.server_address[1]}"


class Answering(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(self.path)
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        if self.path == "/huge":
            self.wfile.write(b"x" * (outbound.MAX_ANSWER_BYTES + 1))
        else:
            self.wfile.write(b"thanks")

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """What KEHU_OUTBOUND_ALLOW=inside.test does."""
    from dataclasses import replace

    monkeypatch.setattr(outbound, "config", replace(outbound.config, outbound_allow=frozenset({"inside.test"})))


def here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def test_a_host_the_administrator_let_through_is_called_also_by_http(receiver: Receiver, let_through: None):
    answer = outbound.send("POST", f"{receiver.url}/x", body=b"{}", resolve=here)
    assert (answer.status, answer.body, receiver.calls) == (200, b"thanks", ["/x"])


def test_the_same_host_is_refused_when_nobody_let_it_through(receiver: Receiver):
    with pytest.raises(OutboundRefused):
        outbound.send("POST", f"{receiver.url}/x", body=b"{}", resolve=here)
    assert receiver.calls == []


def test_redirects_are_not_followed(receiver: Receiver, let_through: None):
    assert outbound.send("POST", f"{receiver.url}/redirect", body=b"{}", resolve=here).status == 302
    assert receiver.calls == ["/redirect"]


def test_an_answer_without_end_is_cut_off(receiver: Receiver, let_through: None):
    with pytest.raises(OutboundFailed, match="larger"):
        outbound.send("POST", f"{receiver.url}/huge", body=b"{}", resolve=here)


def test_a_receiver_that_says_nothing_is_given_up(let_through: None):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://inside.test:{silent.getsockname()[1]}/"
        with pytest.raises(OutboundFailed):
            outbound.send("POST", url, body=b"{}", seconds=0.5, resolve=here)
