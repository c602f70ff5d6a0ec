"""Framing: where a message ends, so that nobody hides a request of his own in what a proxy takes for a body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.server import Server, connected
from tests.integration.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

# Health is asked by any host's name, and a connection stays open after it.
FIRST = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return where a server listens that all these tests share."""
    with Server(Terminal.at(tmp_path_factory.mktemp("framing")), "serve", "--port", "0") as server:
        yield f"http://{server.remarks().rpartition(' at ')[2].rstrip('.')}/"


def answered(url: str, sent: bytes) -> bytes:
    """Return all that comes back on one connection."""
    with connected(url) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def statuses(answers: bytes) -> list[int]:
    """Return the status of each answer."""
    return [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d{3}) ", answers, flags=re.MULTILINE)]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Length: 5", b"hello"),
        (b"Transfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n"),
        # The length is not believed beside the chunks, or "ello" would begin the next request.
        (b"Content-Length: 4\r\nTransfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 400", b"5\r\nhello\r\n0\r\n\r\n"),
    ],
)
def test_a_request_ends_where_http_says(headers: bytes, body: bytes, url: str) -> None:
    """ASVS 4.2.1; RFC 9112, 6.3."""
    answers = answered(url, FIRST + headers + b"\r\n\r\n" + body + NEXT)
    assert statuses(answers) == [200, 200]
    assert answers.endswith(b"ok\n")


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: +5",
        b"Content-Length: 5x",
        b"Content-Length: -5",
        b"Content-Length : 5",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding : chunked",
    ],
)
def test_a_request_that_ends_nowhere_for_sure_is_refused(headers: bytes, url: str) -> None:
    """ASVS 4.2.1: and nothing behind it is taken for another one."""
    answers = answered(url, FIRST + headers + b"\r\n\r\nhello" + NEXT)
    assert statuses(answers) in ([400], [501])
    assert b"Content-Type: text/plain; charset=utf-8" in answers


@pytest.mark.parametrize(
    "path", [b"/healthz", b"/auth/login", b"/nowhere", b"/auth/static/pages.css", b"/auth/account"]
)
def test_an_answer_is_as_long_as_it_says(path: bytes, url: str) -> None:
    """ASVS 4.2.2."""
    answer = answered(url, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = re.findall(rb"^Content-Length: (\d+)\r?$", head, flags=re.MULTILINE)
    assert [int(length) for length in lengths] == [len(body)]
    assert b"Transfer-Encoding" not in head
