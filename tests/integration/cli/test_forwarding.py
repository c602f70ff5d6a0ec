"""Forwarding: whose network a served request comes from, whatever headers it has."""

from __future__ import annotations

import re
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.integration.cli.server import PATIENCE, Server
from tests.integration.cli.terminal import Terminal, told

if TYPE_CHECKING:
    from pathlib import Path

SENT: dict[str, dict[str, str]] = {
    "what somebody wrote": {"X-Forwarded-For": "198.51.100.9"},
    "with underscores": {"X_Forwarded_For": "198.51.100.9"},
    "both": {"X-Forwarded-For": "203.0.113.5", "X_Forwarded_For": "198.51.100.9"},
    "by other names": {"Forwarded": "for=198.51.100.9", "X-Real-IP": "198.51.100.9", "X_Real_IP": "198.51.100.9"},
}


@pytest.mark.parametrize(
    ("trusted", "networks"),
    [
        ("0", ["127.0.0.1"] * 4),
        ("1", ["198.51.100.9", "127.0.0.1", "203.0.113.5", "127.0.0.1"]),
    ],
)
def test_hst_02_only_what_the_trusted_proxy_wrote_names_a_network(
    trusted: str, networks: list[str], tmp_path: Path
) -> None:
    """A header with underscores is the same one to many a gateway; the server drops it."""
    terminal = Terminal.at(tmp_path).but(OFFBRAND_BASE_URL="http://127.0.0.1", OFFBRAND_TRUSTED_PROXIES=trusted)
    with Server(terminal, "serve", "--port", "0") as server:
        place = server.remarks().rpartition(" at ")[2].rstrip(".")
        connection = HTTPConnection(place, timeout=PATIENCE)
        connection.request("GET", "/auth/reset")
        page = connection.getresponse()
        cookie = "; ".join(value.partition(";")[0] for value in page.headers.get_all("Set-Cookie", []))
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
        assert token is not None
        form = urlencode({"csrf_token": token[1], "email": "ada@example.org"})
        origin = {"Cookie": cookie, "Origin": "http://127.0.0.1", "Content-Type": "application/x-www-form-urlencoded"}
        for headers in SENT.values():
            connection.request("POST", "/auth/reset", form, origin | headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 303
        connection.close()
    assert [event["network"] for event in told(terminal, "events", "list")["events"]] == networks
