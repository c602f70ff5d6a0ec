"""Early answers: what the server refuses by itself, before a page is asked for, on the wire."""

from __future__ import annotations

import json
import socket
import time
from contextlib import closing, suppress
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from waitress.server import create_server
from waitress.wasyncore import close_all, loop

from offbrand.entrypoints.early_answers import Channel
from offbrand.entrypoints.web.problems import SENTENCES
from tests.integration.cli.server import PATIENCE, Server, connected
from tests.integration.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

HOST = "auth.example.org"
_MIB = 1024  # in KiB
_POST = f"POST /auth/login HTTP/1.1\r\nHost: {HOST}\r\n"
_CHUNK = "10000\r\n" + "x" * 0x10000 + "\r\n"
REFUSED = {
    "length": (413, f"{_POST}Content-Length: 1000000000\r\n\r\n"),
    "chunks": (413, f"{_POST}Transfer-Encoding: chunked\r\n\r\n{_CHUNK * 5}"),
    "long header": (431, f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Long: {'x' * 65_536}"),
    "many headers": (431, f"GET / HTTP/1.1\r\nHost: {HOST}\r\n" + "X-Many: x\r\n" * 10_000),
    "long address": (431, f"GET /{'x' * 65_536}"),
    "no header": (400, f"GET / HTTP/1.1\r\nHost: {HOST}\r\nno header\r\n\r\n"),
    "no length": (400, f"{_POST}Content-Length: many\r\n\r\n"),
    "negative length": (400, f"{_POST}Content-Length: -1\r\n\r\n"),
    "two lengths": (400, f"{_POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    "no chunk": (400, f"{_POST}Transfer-Encoding: chunked\r\n\r\nnonsense\r\n\r\n"),
    "no method": (400, "get / HTTP/1.1\r\n\r\n"),
    "no request": (400, "\0\1\2\r\n\r\n"),
    "packed": (501, f"{_POST}Transfer-Encoding: gzip\r\n\r\n"),
}


@attrs.frozen
class Wire:
    """A server, and what it says to bytes that no browser would send."""

    url: str
    process: int

    def says(self, request: str) -> tuple[int, Message]:
        """Return status and headers of the answer to *request*."""
        return self.tells(request)[:2]

    def tells(self, request: str) -> tuple[int, Message, str]:
        """Return the whole answer to *request*."""
        with connected(self.url) as connection:
            with suppress(ConnectionError):  # It has read enough.
                connection.sendall(request.encode("latin-1"))
            with connection.makefile("r", encoding="latin-1", newline="\r\n") as answer:
                status = answer.readline().split(" ")[1]
                headers = Parser().parsestr("".join(iter(answer.readline, "\r\n")))
                body = answer.read(int(headers["Content-Length"]))
        return int(status), headers, body

    def memory(self) -> int:
        """Return the most memory that the process ever had, in KiB."""
        lines = Path(f"/proc/{self.process}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _wire(folder: Path, base_url: str) -> Iterator[Wire]:
    with Server(Terminal.at(folder).but(OFFBRAND_BASE_URL=base_url), "serve", "--port", "0") as server:
        yield Wire(f"http://{server.remarks().rpartition(' at ')[2].rstrip('.')}/", server.process.pid)


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A server behind a proxy that ends TLS."""
    yield from _wire(tmp_path_factory.mktemp("https"), f"https://{HOST}")


@pytest.mark.parametrize("why", REFUSED)
def test_hdr01_an_early_refusal_has_the_headers_of_a_page(why: str, wire: Wire) -> None:
    """HDR-01, HDR-02, RES-03."""
    expected, request = REFUSED[why]
    status, headers = wire.says(request)
    _, page = wire.says(f"GET /nowhere HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
    assert status == expected
    stricter = {"Content-Security-Policy", "Referrer-Policy"}
    volatile = {"Content-Length", "Content-Type", "Connection", "Date", "Set-Cookie"}
    assert set(page) - volatile == set(headers) - volatile
    assert not [name for name in set(page) - volatile - stricter if page.get_all(name) != headers.get_all(name)]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Strict-Transport-Security"] == "max-age=63072000"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("why", REFUSED)
def test_an_early_refusal_is_one_sentence_that_repeats_nothing(why: str, wire: Wire) -> None:
    """Not what the server's library would say, which names itself and quotes the request."""
    status, _, body = wire.tells(REFUSED[why][1])
    assert body == f"{SENTENCES[status]}\n"


def test_hdr01_plain_http_promises_no_https_early_either(tmp_path: Path) -> None:
    for wire in _wire(tmp_path, "http://localhost"):
        status, headers = wire.says(REFUSED["no header"][1])
        assert (status, headers["Strict-Transport-Security"]) == (400, None)
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"GET /auth/account HTTP/1.1\r\nHost: {HOST}", 303),
        ("GET /auth/account HTTP/1.1\r\nHost: evil.example", 400),
        (f"GET /auth/account HTTP/1.1\r\nHost: {HOST}\r\nHost: evil.example", 400),
        (f"GET /auth/account HTTP/1.1\r\nHost: evil.example\r\nHost: {HOST}", 400),
        (f"GET /auth/account HTTP/1.1\r\nHost: {HOST}:80@evil.example", 400),
        ("GET /auth/account HTTP/1.1", 400),
        (f"GET http://evil.example/auth/account HTTP/1.1\r\nHost: {HOST}", 303),
        (f"GET http://{HOST}/auth/account HTTP/1.1\r\nHost: evil.example", 400),
        (f"GET /auth/account HTTP/1.1\r\nHost: {HOST}\r\nX_Forwarded_Host: evil.example", 303),
        (f"GET /auth/account HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Host: evil.example", 303),
        (f"GET /auth/account HTTP/1.1\r\nHost: {HOST}\r\nForwarded: host=evil.example;proto=http", 303),
    ],
)
def test_hst01_a_made_up_host_leads_nowhere(head: str, status: int, wire: Wire) -> None:
    """On the wire: doubled headers, absolute addresses, names with an underscore."""
    answer, headers = wire.says(f"{head}\r\n\r\n")
    assert answer == status
    assert "evil.example" not in str(headers)
    if status == 303:
        assert headers["Location"] == "/auth/login?next=/auth/account"


def test_res03_bombs_are_refused_in_flat_memory(wire: Wire) -> None:
    """Parts, fields, nesting, packed and huge bodies: refused with 4xx, and nothing of them is kept."""
    form, several = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    file = '--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n'
    deep = "[" * 30_000 + "]" * 30_000
    bombs = [
        (several, part * 1_000),
        (several, part * 4_000),
        (several, file + "\r" * 60_000),
        (several, file + "\r\n" * 30_000),
        (several, "\r" * 60_000),
        (several, "--x\r\n" + "A: b\r\n" * 7_000),
        (form, "&".join(f"field{number}=x" for number in range(5_000))),
        (form, "&" * 60_000),
        (form, "a=x&" * 40_000),
        (form, "%" * 60_000),
        ("application/json", deep),
        ("application/json", json.dumps({"identifier": "x" * 50_000})),
        (f"{form}\r\nContent-Encoding: gzip", "\x1f\x8b\x08" + "\0" * 50_000),
    ]
    grown: list[int] = []
    while len(grown) < 24 and min(grown, default=_MIB) >= _MIB:
        before = wire.memory()
        for kind, body in bombs:
            head = f"{_POST}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            assert wire.says(head + body)[0] in (400, 413), body[:80]
        for _ in range(20):
            assert wire.says(REFUSED["length"][1])[0] == wire.says(REFUSED["chunks"][1])[0] == 413
        grown.append(wire.memory() - before)
    # The first rounds load what is needed, in one thread after the other; then one must find room in what they left.
    assert grown[-1] < _MIB, grown


@pytest.fixture
def channels() -> Iterator[tuple[Any, dict[int, Any]]]:
    """A server that nobody runs, so that a test moves it on, and everything it has open."""
    opened: dict[int, Any] = {}
    server = create_server(lambda _, __: [], map=opened, host="127.0.0.1", port=0, channel_timeout=60)
    server.channel_class = Channel
    yield server, opened
    server.task_dispatcher.shutdown()
    close_all(opened)


@pytest.mark.parametrize(
    "drips",
    [
        (b"GET / HTTP/1.1\r\n", b"Host: x\r\n", b"X-More: x\r\n"),
        (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n", b"a", b"b"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n", b"a\r\n"),
        (b"POST / HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", b"a", b"b"),
    ],
)
def test_res03_a_request_that_drips_in_is_not_waited_for(
    drips: tuple[bytes, ...], channels: tuple[Any, dict[int, Any]]
) -> None:
    """A byte a minute would else keep one of the places for weeks."""
    server, opened = channels

    def turn() -> None:
        loop(timeout=PATIENCE, use_poll=True, map=opened, count=1)

    before = time.time()
    with closing(socket.create_connection(("127.0.0.1", server.effective_port), PATIENCE)) as slow:
        turn()
        (channel,) = server.active_channels.values()
        slow.sendall(drips[0])
        turn()
        began = time.time()
        for drip in drips[1:]:
            while time.time() <= began:
                pass
            slow.sendall(drip)
            turn()
        server.maintenance(before + 60)
        assert not channel.will_close
        server.maintenance(began + 60)
        assert channel.will_close
