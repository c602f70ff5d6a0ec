"""Connections to a database server that end, hang or run out: one request is refused, and the next one is served."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.faults.proxy import HOST
from tests.faults.site import PASSWORD, Site, credentials
from tests.integration.cli.terminal import Terminal, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import Log
    from tests.faults.operator import Operator
    from tests.faults.proxy import Proxy

NETWORK = f"network:{HOST}"
POOL = 15  # what SQLAlchemy opens at most, unless it is told otherwise


def test_flt_04_connections_that_ended_in_the_pool_are_not_noticed(site: Site, operator: Operator, log: Log) -> None:
    """FLT-04: a database that was restarted between two requests."""
    ada = site.settle()
    member = site.member(ada)
    with ExitStack() as several:
        for _ in range(4):
            several.enter_context(site.engine.connect())
    for _ in range(2):
        operator.ends_connections()
        assert member.get("/auth/account").status == 200
        operator.ends_connections()
        assert site.at_login().send("/auth/login", **credentials(ada)).is_done
    assert log.new() == []


def test_flt_04_a_connection_that_ends_in_mid_request_costs_that_request(
    site: Site, operator: Operator, log: Log
) -> None:
    """FLT-04, L5, L11: nothing of it stays, and the next one is served."""
    ada = site.settle()
    assert site.at_login().send("/auth/login", **credentials(ada)).is_done
    had = site.sessions(ada), site.events(ada)
    browser = site.at_login()
    with operator.holding(NETWORK) as held:
        answer = browser.begin("/auth/login", **credentials(ada))
        operator.sees_waiting()
        operator.ends_connections(keep=held)
        assert answer.result().is_refusal
    assert len(log.new()) == 1
    assert (site.sessions(ada), site.events(ada)) == had
    assert browser.send("/auth/login", **credentials(ada)).is_done
    assert log.new() == []


def test_flt_04_a_pool_without_a_free_connection_refuses_in_time(site: Site, log: Log) -> None:
    """L11: the documented patience, and no longer; not one connection is lost by it."""
    ada, member = site.settle(), site.member(site.settle())
    browser = site.at_login()
    took: list[float] = []
    for _ in range(2):
        with ExitStack() as held:
            for _ in range(POOL):
                held.enter_context(site.engine.connect())
            began = time.monotonic()
            assert browser.send("/auth/login", **credentials(ada)).is_refusal
            took.append(time.monotonic() - began)
            assert member.get("/auth/account").is_refusal
            assert site.browser().get("/readyz").is_refusal
            assert site.browser().get("/healthz").status == 200
            assert len(log.new()) == 3
    # One of the two, as the machine may be busy.
    assert 1 <= min(took) < 5
    assert browser.send("/auth/login", **credentials(ada)).is_done
    assert member.get("/auth/account").status == 200
    assert log.new() == []


def test_flt_04_a_server_that_is_gone_is_missed_by_nobody_once_it_is_back(site: Site, line: Proxy, log: Log) -> None:
    """FLT-04, L11: every form and page is refused meanwhile; sessions are still valid afterwards."""
    ada = site.settle()
    member, stranger = site.member(ada), site.at_login()
    for _ in range(2):
        line.vanish()
        asked = [
            stranger.send("/auth/login", **credentials(ada)),
            stranger.send("/auth/register", email="n@example.org", username="n", password=PASSWORD, password2=PASSWORD),
            stranger.send("/auth/reset", email=str(ada.email)),
            stranger.get("/readyz"),
            member.get("/auth/account"),
            member.get("/"),
            member.get("/auth/login"),
            member.send("/auth/logout"),
            member.send("/auth/reset", email=str(ada.email)),
            member.send("/auth/change-password", old_password=PASSWORD, password="new", password2="new"),
        ]
        assert [answer.status for answer in asked if not answer.is_refusal] == []
        # Once for each, and not a second time for the page on which it is told.
        assert len(log.new()) == len(asked)
        assert (stranger.get("/auth/login").status, stranger.get("/healthz").status) == (200, 200)
        line.appear()
        assert member.get("/auth/account").status == 200
    assert member.send("/auth/logout").is_done
    assert stranger.send("/auth/login", **credentials(ada)).is_done
    assert log.new() == []


COMMANDS = {
    "db current": (),
    "db upgrade": (),
    "register n@example.org n": (PASSWORD,),
    "login ada": (PASSWORD,),
    "password reset ada@example.org": (),
    "accounts list": (),
    "events list": (),
    "mail status": (),
    "mail deliver": (),
    "mail retry": (),
    "purge": (),
    "serve --port 0": (),
    "mail deliver --watch": (),
}


def test_flt_04_every_command_says_in_one_sentence_that_the_server_is_gone(
    url: str, line: Proxy, tmp_path: Path
) -> None:
    """L10, L11: exit code 75, with the sentence of the pages; and each works once the server is back."""
    terminal = Terminal.at(tmp_path).but(OFFBRAND_DATABASE_URL=url)
    line.vanish()
    for command, typed in COMMANDS.items():
        result = terminal.run(*command.split(), lines=typed)
        assert refusal(result) == (75, "unavailable"), command
        assert result.stderr.splitlines()[-1].startswith("Something we depend on does not answer."), command
    assert terminal.run("doctor").exit_code == 78
    line.appear()
    terminal.do("mail", "status")
    terminal.do("doctor")
