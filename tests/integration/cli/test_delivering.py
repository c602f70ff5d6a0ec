"""Delivering: commands that send letters, told to end or killed with a letter in hand, and what becomes of it."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from offbrand.adapters import memory
from offbrand.bootstrap import connected
from offbrand.domain.errors import MailRefused
from offbrand.domain.letters import LetterState
from offbrand.settings import Settings
from tests.integration.cli.screen import Screen
from tests.integration.cli.server import PATIENCE, Server
from tests.integration.cli.terminal import PASSWORD, Terminal, refusal
from tests.integration.mail.smtp_server import Behaviour, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand import Auth
    from offbrand.domain.services.delivery import Delivery

LEASE = timedelta(minutes=5)


@contextmanager
def mailing(terminal: Terminal, behaviour: Behaviour) -> Iterator[Terminal]:
    """Lend a terminal whose letters leave through a mail server, and for which two are waiting."""
    for name in ("ada", "bob"):
        terminal.do("register", f"{name}@example.org", name, lines=(PASSWORD,))
    with serving(behaviour) as port:
        yield terminal.but(
            OFFBRAND_SMTP_URL=f"smtp+plain://127.0.0.1:{port}", OFFBRAND_BASE_URL="http://localhost:8000"
        )


@contextmanager
def another(terminal: Terminal, after: timedelta = timedelta()) -> Iterator[Delivery]:
    """Lend a second delivery over the same database, which thinks that so much time has gone by."""
    with connected(Settings.from_env(terminal.environ)) as auth:
        yield attrs.evolve(auth.delivery, clock=memory.MovableClock(datetime.now(UTC) + after))


def status_of(terminal: Terminal, auth: Auth) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what `mail status` says of a core to a program."""
    return json.loads(terminal.run("mail", "status", "--json", core=auth).stdout)


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_flt_02_a_letter_whose_sender_is_killed_leaves_again_and_no_other_is_lost(
    stage: str, terminal: Terminal
) -> None:
    """FLT-02: once its lease is over, under the same id; twice only if the server had taken it and not yet said so."""
    behaviour = Behaviour(hangs_at=stage)
    with mailing(terminal, behaviour) as here:
        with Server(here, "mail", "deliver"):
            assert behaviour.hangs.wait(PATIENCE)
        behaviour.hangs_at = ""
        with another(here) as early:
            assert early.deliver() == {LetterState.SENT: 1}, "the letter was not leased, or held up the other"
        with another(here, LEASE) as late:
            assert late.deliver() == {LetterState.SENT: 1}
            assert late.status().counts == dict.fromkeys(LetterState, 0) | {LetterState.SENT: 2}
    first, *others = behaviour.message_ids()
    assert (len(others), others[-1] == first) == ((2, True) if stage == "DATA" else (1, False))


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_ends_a_delivery_gets_the_letter_on_its_way_settled(
    number: signal.Signals, exit_code: int, terminal: Terminal
) -> None:
    """FLT-10: what has left is told as usual, and the next letter is free for anybody."""
    behaviour = Behaviour(hangs_at="DATA")
    with mailing(terminal, behaviour) as here:
        with Server(here, "mail", "deliver", "--json") as program:
            assert behaviour.hangs.wait(PATIENCE)
            program.process.send_signal(number)
            behaviour.hangs_at = ""
            said, remarked = program.process.communicate(timeout=PATIENCE)
        assert (program.process.returncode, remarked) == (exit_code, "")
        assert json.loads(said) == {"waiting": 0, "sent": 1, "dead": 0, "void": 0, "expired": 0}
        with another(here) as next_one:
            assert next_one.deliver() == {LetterState.SENT: 1}
    assert len(set(behaviour.message_ids())) == len(behaviour.message_ids()) == 2


def test_who_asks_twice_ends_a_delivery_at_once(terminal: Terminal) -> None:
    """The letter is not marked, and leaves again when its lease is over."""
    behaviour = Behaviour(hangs_at="MAIL")
    with mailing(terminal, behaviour) as here:
        with Server(here, "mail", "deliver") as program:
            assert behaviour.hangs.wait(PATIENCE)
            while program.process.poll() is None:
                program.process.send_signal(signal.SIGTERM)
            assert program.process.returncode == -signal.SIGTERM
        with another(here) as observer:
            status = observer.status()
    assert (status.counts[LetterState.WAITING], status.troubled) == (2, [])


def test_a_delivery_counts_on_a_terminal_and_nowhere_else(terminal: Terminal) -> None:
    with mailing(terminal, Behaviour()) as here:
        with Screen(here, "mail", "deliver") as screen:
            screen.sees("expired")
            assert (screen.ends(), "1 done\r2 done\r\n" in screen.shown) == (0, True)
        here.do("register", "eve@example.org", "eve", lines=(PASSWORD,))
        result = here.run("mail", "deliver")
    assert (result.exit_code, result.stderr, result.stdout.split()[:4]) == (0, "", ["waiting", "0", "sent", "1"])


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("mail", "deliver", "--watch")])
def test_a_mail_server_that_hangs_does_not_hold_up_the_end(command: tuple[str, ...], terminal: Terminal) -> None:
    """
    The letter is neither lost nor marked: it leaves when the lease is over.

    Who waited for the mail server to time out would have counted an attempt.
    """
    behaviour = Behaviour(hangs_at="MAIL")
    with mailing(terminal, behaviour) as here:
        with Server(here, *command) as server:
            assert behaviour.hangs.wait(PATIENCE)
            code, said, remarked = server.ends(signal.SIGTERM)
        assert (code, said, "Traceback" in remarked) == (0, "", False)
        assert "A letter is still on its way" in remarked
        behaviour.hangs_at = ""
        with another(here, LEASE) as late:
            status = late.status()
            assert (status.counts[LetterState.WAITING], status.troubled) == (2, [])
            assert late.deliver() == {LetterState.SENT: 2}
    assert len(set(behaviour.message_ids())) == len(behaviour.message_ids()) == 2


def test_an_operator_sees_why_letters_are_stuck_and_not_whose_they_are(terminal: Terminal) -> None:
    """L9: neither address nor link."""
    auth, mailbox, _ = memory.auth()
    assert status_of(terminal, auth)["troubled"] == []
    terminal.run("register", "zoe@example.org", "zoe", lines=(PASSWORD,), core=auth)
    mailbox.failure = MailRefused("550 no such\x1b mailbox")
    auth.delivery.deliver()
    status = status_of(terminal, auth)
    (troubled,) = status["troubled"]
    expected = {"kind": "confirmation", "state": "dead", "attempts": 1, "due_at": None}
    assert expected.items() <= troubled.items()
    assert set(troubled) - set(expected) == {"id", "written_at", "last_error"}
    assert (status["dead"], troubled["last_error"]) == (1, "550 no such  mailbox")
    text = terminal.run("mail", "status", core=auth).stdout
    assert all(word in text for word in (troubled["id"], "LAST ERROR", "550 no such  mailbox"))
    assert "zoe" not in text + json.dumps(status)


def test_who_is_told_that_letters_are_stuck_is_sent_to_where_the_reason_is(terminal: Terminal) -> None:
    """Delivering once more would not tell: none of them is due again so soon."""
    with mailing(terminal, Behaviour()) as here:
        silent = here.but(OFFBRAND_SMTP_URL="smtp+plain://127.0.0.1:1")
        stuck = silent.run("mail", "deliver", "--json")
        assert (stuck.exit_code, json.loads(stuck.stdout)["waiting"]) == (75, 2)
        assert "2 could not leave; offbrand mail status says why." in stuck.stderr
        assert "Connection refused" in silent.do("mail", "status")


def test_an_operator_sends_one_dead_letter_on_its_way(terminal: Terminal) -> None:
    auth, mailbox, _ = memory.auth()
    for name in ("ada", "bob"):
        terminal.run("register", f"{name}@example.org", name, lines=(PASSWORD,), core=auth)
    mailbox.failure = MailRefused("550 no such mailbox")
    auth.delivery.deliver()
    one, other = (each["id"] for each in status_of(terminal, auth)["troubled"])
    again = terminal.run("mail", "retry", "--json", one, core=auth)
    assert json.loads(again.stdout) == {"waiting_again": 1}
    refused = terminal.run("mail", "retry", other, one, core=auth)
    assert refusal(refused) == (67, "unknown_letter")
    assert one in refused.stderr
    assert [each["id"] for each in status_of(terminal, auth)["troubled"]] == [other]
    assert refusal(terminal.run("mail", "retry", "ada@example.org", core=auth)) == (64, "usage")
