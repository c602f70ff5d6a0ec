"""Procrastinate's workers: letters leave through them, once, whoever is killed or delivers beside them."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.adapters.sql.procrastinate_handover import ProcrastinateHandover
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.bootstrap import bootstrap
from offbrand.domain.values import Client, EmailAddress, Password, Username
from offbrand.entrypoints.delivering import delivering
from offbrand.settings import Settings
from tests.integration.handover.host import EVERY_SECOND, NEVER, PATIENCE, Host
from tests.integration.mail.smtp_server import Behaviour
from tests.integration.sql.examples import NOON, letter
from tests.waiting import until

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

    from offbrand.domain.auth import Auth

ANN = EmailAddress("ann@example.org")


def core(host: Host) -> Auth:
    """Return the core of the host's application."""
    return bootstrap(Settings.from_env(host.environ), engine=host.engine, handover=ProcrastinateHandover)


def register(host: Host) -> None:
    password = Password("a lantern, a ladder and a loaf")
    core(host).registration.register(ANN, Username("ann"), password, client=Client())


def write(host: Host, count: int, *, hands_over: bool = True) -> None:
    """Write letters, each in a transaction of its own."""
    after_letter = ProcrastinateHandover(host.engine) if hands_over else None
    unit_of_work = SqlUnitOfWork(host.engine, after_letter=after_letter)
    for _ in range(count):
        with unit_of_work.writing() as tx:
            tx.letters.add(letter())


def test_the_worker_of_the_document_delivers_a_registration_once(host: Host, behaviour: Behaviour) -> None:
    """Written before it runs or while it does; its jobs are gone when they are done, as the command asks."""
    register(host)
    with host.worker():
        until(host.are_sent(1), PATIENCE)
        core(host).password_reset.request(ANN, client=Client())
        until(host.are_sent(2), PATIENCE)
        until(lambda: host.jobs() == [], PATIENCE)
    assert [ANN.text] * 2 == [address for _, address in behaviour.arrived()]


def test_a_job_is_enough_where_nothing_sweeps(host: Host, behaviour: Behaviour) -> None:
    """A worker that is up delivers at once, and one job is enough for letters that had none, however many wait."""
    write(host, 44, hands_over=False)
    with host.worker(sweep=NEVER):
        write(host, 1)
        until(host.are_sent(45), PATIENCE)
    assert len({letter_id for letter_id, _ in behaviour.arrived()}) == len(behaviour.arrived()) == 45


def test_a_sweep_is_enough_where_nothing_is_handed_over(host: Host, behaviour: Behaviour) -> None:
    """As for letters that `offbrand accounts invite` writes."""
    write(host, 2, hands_over=False)
    with host.worker(sweep=EVERY_SECOND):
        until(host.are_sent(2), PATIENCE)
    assert host.jobs() == []
    assert len(behaviour.arrived()) == 2


def test_flt_01_a_letter_that_was_delayed_leaves_when_it_is_due(host: Host, behaviour: Behaviour) -> None:
    behaviour.on_rcpt = "451 Not now"
    register(host)
    with host.worker(sweep=EVERY_SECOND):
        until(lambda: host.ask("SELECT attempts FROM offbrand_letters") == [{"attempts": 1}], PATIENCE)
        until(lambda: host.jobs() == [], PATIENCE)
        assert (host.states(), behaviour.arrived()) == (["waiting"], [])
        behaviour.on_rcpt = ""
        host.change_letters(due_at=NOON)
        until(host.are_sent(1), PATIENCE)
    assert [ANN.text] == [address for _, address in behaviour.arrived()]


@attrs.define
class Slow(Behaviour):
    """A mail server that takes the first letter, and says so when it is told to."""

    speaks: threading.Event = attrs.field(factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as it is called
        answer = await super().handle_DATA(server, session, envelope)
        while len(self.envelopes) == 1 and not self.speaks.is_set():  # noqa: ASYNC110 - another thread sets it
            await asyncio.sleep(0.01)
        return answer


@pytest.mark.parametrize("behaviour", [Slow()])
def test_flt_10_a_worker_that_is_told_to_stop_settles_the_letter_on_its_way(host: Host, behaviour: Slow) -> None:
    register(host)
    with host.worker(sweep=NEVER) as worker:
        until(lambda: len(behaviour.arrived()) == 1, PATIENCE)
        worker.send_signal(signal.SIGTERM)
        behaviour.speaks.set()
        assert worker.wait(PATIENCE) == 0
    assert (host.states(), host.jobs()) == (["sent"], [])


@pytest.mark.parametrize("behaviour", [Slow()])
def test_flt_02_a_letter_whose_worker_is_killed_is_sent_by_the_next(host: Host, behaviour: Slow) -> None:
    """Law L5: at least once; twice only because the first reply was lost, and under the same Message-ID."""
    register(host)
    with host.worker(sweep=EVERY_SECOND) as worker:
        until(lambda: len(behaviour.arrived()) == 1, PATIENCE)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert host.states() == ["waiting"]
    with host.worker(sweep=EVERY_SECOND):
        host.change_letters(leased_until=NOON)  # five minutes pass
        until(host.are_sent(1), PATIENCE)
        assert list(Counter(behaviour.arrived()).values()) == [2]
        # The job of the worker that was killed is stuck for ever: it was not needed, and keeps none from running.
        write(host, 1)
        until(lambda: [job["status"] for job in host.jobs()] == ["doing"], PATIENCE)


def test_the_thread_and_the_workers_send_no_letter_twice(host: Host, behaviour: Behaviour) -> None:
    with host.worker(sweep=EVERY_SECOND), host.worker(sweep=EVERY_SECOND), delivering(core(host)):
        write(host, 60)
        until(host.are_sent(60), PATIENCE)
    assert set(Counter(behaviour.arrived()).values()) == {1}
    assert len(behaviour.arrived()) == 60
