"""SIGTERM in the middle of work: whole answers or none, an ordinary end in time, and the next start finds all well."""

from __future__ import annotations

import http.client
import signal
import socket
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.sql.engine import make_engine
from offbrand.bootstrap import connected
from offbrand.domain.letters import LetterState
from offbrand.entrypoints.serving import GRACE
from offbrand.settings import Settings
from tests.faults.browser import Browser
from tests.faults.proxy import HOST
from tests.faults.relay import Relay
from tests.faults.site import PASSWORD, Site, credentials, settle
from tests.integration.cli.server import Server
from tests.integration.cli.terminal import Terminal
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from tests.faults.browser import Answer
    from tests.faults.operator import Operator

NETWORK = f"network:{HOST}"
CALLERS = 25
POOL = 15  # what SQLAlchemy opens at most, unless it is told otherwise


def start(terminal: Terminal, port: int) -> Server:
    """Start a server at *port*; return it when it serves."""
    server = Server(terminal, "serve", "--port", str(port))
    assert server.remarks().endswith(f":{port}.")
    return server


def is_open(port: int) -> bool:
    """Return whether the server takes connections."""
    try:
        socket.create_connection((HOST, port)).close()
    except ConnectionError:
        return False
    return True


def tally(answers: Iterable[Future[Answer]]) -> Counter[str]:
    """Count how requests ended; half an answer is an exception of another kind, and fails the test."""
    ends: Counter[str] = Counter()
    for answer in answers:
        try:
            ends[str(answer.result().status)] += 1
        except (http.client.RemoteDisconnected, ConnectionError):
            ends["closed"] += 1
    return ends


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("is_freed", [True, False], ids=["freed", "held"])
def test_flt_10_fifty_requests_in_flight_end_whole_or_not_at_all(
    is_freed: bool,  # noqa: FBT001 - a parameter
    database: str,
    operator: Operator,
    tmp_path: Path,
) -> None:
    """FLT-10: logins wait for a row that somebody has locked, and others for a connection behind them."""
    # Nobody is to give up before the row is freed, however long a busy machine takes until then.
    terms = "?lock_timeout=25&pool_timeout=60" if is_freed else ""
    terminal = Terminal.at(tmp_path).but(
        OFFBRAND_DATABASE_URL=database + terms, OFFBRAND_BASE_URL=f"http://{HOST}", OFFBRAND_HASH_SLOTS=str(CALLERS)
    )
    with connected(Settings.from_env(terminal.environ)) as auth:
        people = [settle(auth) for _ in range(CALLERS)]
    ada = people[0]
    port = free_port()
    server = start(terminal, port)
    with server:
        browsers = [Browser(port).open("/auth/login") for _ in range(2 * CALLERS)]
        assert browsers[0].send("/auth/login", **credentials(ada, "wrong, wrong and wrong")).status == 401
        asked = len(browsers[0].sent)
        with operator.holding(NETWORK):
            answers = [
                browser.begin("/auth/login", **credentials(person))
                for browser, person in zip(browsers, people, strict=False)
            ]
            # Where the row is held, those that came first may have been refused before the last one has come.
            operator.sees_waiting(POOL if is_freed else 1)
            answers += [browser.begin("/auth/reset", email=str(ada.email)) for browser in browsers[CALLERS:]]
            until(lambda: all(browser.sent[1:] for browser in browsers) and len(browsers[0].sent) > asked)
            # Answered behind the others in the same loop, so that the server has read what they sent.
            assert Browser(port).get("/healthz").status == 200
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            ends = Counter() if is_freed else tally(answers)
        ends = ends or tally(answers)
        _, remarked = server.process.communicate(timeout=60)
        took = time.monotonic() - began
    assert server.process.returncode == 0
    # Threads get a second more than the grace, and a busy machine a few; a statement would get thirty.
    assert took < GRACE + 1 + 20
    assert ends.total() == 2 * CALLERS
    assert set(ends) <= ({"303"} if is_freed else {"303", "503", "closed"})
    assert "Traceback" not in remarked
    assert PASSWORD not in remarked
    with start(terminal, port) as again:
        assert Browser(port).submit("/auth/login", **credentials(ada)).is_done
        assert again.ends(signal.SIGTERM)[0] == 0


def test_flt_10_a_letter_on_its_way_is_settled_before_the_end(file: Path, tmp_path: Path) -> None:
    """FLT-10: the mail server hangs when the program is told to end; the letter waits for the next start, unleased."""
    with Relay() as relay:
        terminal = Terminal.at(tmp_path).but(
            OFFBRAND_BASE_URL=f"http://{HOST}", OFFBRAND_SMTP_URL=f"smtp+plain://localhost:{relay.line.port}"
        )
        engine = make_engine(f"sqlite:///{file}")
        with connected(Settings.from_env(terminal.environ)) as auth:
            ada = settle(auth)
            site = Site(auth=auth, engine=engine, port=0)
            relay.line.when(b"mail FROM", relay.line.hang)
            port = free_port()
            with start(terminal, port) as server:
                assert Browser(port).submit("/auth/reset", email=str(ada.email)).is_done
                until(lambda: relay.line.is_hung)
                assert site.letter(ada).leased_until is not None
                server.process.send_signal(signal.SIGTERM)
                until(lambda: not is_open(port))
                relay.heal()
                _, remarked = server.process.communicate(timeout=60)
            assert (server.process.returncode, "Traceback" in remarked) == (0, False)
            letter = site.letter(ada)
            assert (letter.state, letter.attempts, letter.leased_until) == (LetterState.WAITING, 1, None)
            site.hurry(auth.delivery.clock.now())
            with start(terminal, port) as again:
                until(lambda: site.letter(ada).sent_at)
                assert again.ends(signal.SIGTERM)[0] == 0
        engine.dispose()
        assert relay.copies() == [str(letter.id)]
