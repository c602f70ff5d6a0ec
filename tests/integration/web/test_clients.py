"""Clients: whose network and browser it is, told by no header that anybody can make up."""

from __future__ import annotations

import pytest
from flask import Flask

from offbrand.adapters import memory
from offbrand.entrypoints.web.clients import client_of
from offbrand.entrypoints.web.state import State
from tests.integration.web.conftest import Site, settings_of
from tests.integration.web.visitor import EMAIL

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("trusted", "forwarded", "network"),
    [
        (0, [], PROXY),
        (0, ["203.0.113.9"], PROXY),
        (1, [], PROXY),
        (1, ["203.0.113.9"], "203.0.113.9"),
        (1, ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (1, ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        (1, ["203.0.113.9,nonsense"], PROXY),
        (1, ["203.0.113.9,"], PROXY),
        (2, ["198.51.100.1, 203.0.113.9"], "198.51.100.1"),
        (2, ["203.0.113.9"], PROXY),
        (2, ["192.0.2.77, 198.51.100.1, 203.0.113.9"], "198.51.100.1"),
        (1, ["2001:db8::17"], "2001:db8::17"),
    ],
)
def test_hst02_only_what_trusted_proxies_have_added_counts(trusted: int, forwarded: list[str], network: str) -> None:
    """Counted from the right: what stands further left, the client may have written itself."""
    auth, _, _ = memory.auth()
    state = State.of(auth, settings_of(TRUSTED_PROXIES=str(trusted)))
    headers = [("X-Forwarded-For", value) for value in forwarded]
    with Flask(__name__).test_request_context(headers=headers, environ_base={"REMOTE_ADDR": PROXY}):
        assert network == client_of(state).network


def test_hst02_made_up_addresses_buy_no_guesses(site: Site) -> None:
    stranger = site.visitor()
    form = stranger.see("/auth/login").form("/auth/login").fields
    answers = [
        stranger.post(
            "/auth/login",
            form | {"identifier": f"name{number}", "password": "x"},
            headers={"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"},
        ).status_code
        for number in range(101)
    ]
    assert answers == [401] * 100 + [429]


def test_log02_what_a_browser_calls_itself_is_one_line_of_bounded_length(site: Site) -> None:
    visitor = site.visitor()
    form = visitor.see("/auth/reset").form("/auth/reset").fields
    visitor.post("/auth/reset", form | {"email": EMAIL}, headers={"User-Agent": "evil\u0085\x1b[31m" + "x" * 5000})
    (event,) = site.auth.audit.after()
    assert event.user_agent is not None
    assert event.user_agent.isprintable()
    assert len(event.user_agent) <= 200
