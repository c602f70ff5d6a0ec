"""Delivery through a real mail server: what each of its answers does to a letter, and how soon one arrives."""

from __future__ import annotations

import queue
import statistics
import time
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.adapters import memory
from offbrand.bootstrap import connected, upgrade
from offbrand.domain.auth import Auth
from offbrand.domain.letters import LetterState
from offbrand.domain.policy import Policy
from offbrand.domain.values import EmailAddress, Password, Username
from offbrand.entrypoints.delivering import delivering
from offbrand.settings import Settings
from tests.integration.mail.smtp_server import HOST, Behaviour, serving
from tests.integration.mail.test_smtp_mailer import mailer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from aiosmtpd.smtp import SMTP, Envelope, Session

PASSWORD = Password("a lantern, a ladder and a loaf")
PATIENCE = 30  # seconds, for a machine that is busy; never waited for when all is well


@attrs.frozen
class House:
    """A core in memory whose letters leave through a real mail server."""

    auth: Auth
    clock: memory.MovableClock
    behaviour: Behaviour

    def sign_up(self) -> UUID:
        """Cause a letter; return its id."""
        self.auth.registration.register(
            EmailAddress("ada@example.org"), Username("ada"), PASSWORD, client=memory.CLIENT
        )
        with self.auth.delivery.unit_of_work.writing() as tx:
            (letter,) = tx.letters.lease(1, self.clock.now(), self.clock.now())
        return letter.id


@pytest.fixture
def house() -> Iterator[House]:
    """Build the house beside its mail server."""
    behaviour, clock = Behaviour(), memory.MovableClock()
    with serving(behaviour) as port:
        auth = Auth.assemble(
            unit_of_work=memory.MemoryUnitOfWork(clock),
            hasher=memory.PlainHasher(),
            tokens=memory.MemoryTokens(clock),
            mailer=mailer(f"smtp+plain://{HOST}:{port}"),
            clock=clock,
            throttle=memory.MemoryThrottle(),
            blocklist=memory.listed,
            policy=Policy(send_attempts=4),
        )
        yield House(auth, clock, behaviour)


def test_flt_01_a_refusal_for_good_makes_a_letter_dead_at_once(house: House) -> None:
    house.sign_up()
    house.behaviour.on_rcpt = "550 5.1.1 <ada@example.org>: unknown"
    assert house.auth.delivery.deliver() == {LetterState.DEAD: 1}
    (dead,) = house.auth.delivery.status().troubled
    assert (dead.attempts, dead.last_error) == (1, "The mail server refused the recipient: 550 5.1.1.")


@pytest.mark.parametrize(
    "trouble", [{"on_rcpt": "450 4.2.1 Greylisted"}, {"on_mail": "421 4.3.0 Bye"}, {"drops_after": "RCPT"}]
)
def test_flt_01_d44_anything_else_delays_a_letter_until_it_has_failed_too_often(
    trouble: dict[str, str], house: House
) -> None:
    house.sign_up()
    for name, text in trouble.items():
        setattr(house.behaviour, name, text)
    for attempt in (1, 2, 3):
        assert house.auth.delivery.deliver() == {LetterState.WAITING: 1}
        (delayed,) = house.auth.delivery.status().troubled
        assert (delayed.attempts, house.auth.delivery.deliver()) == (attempt, {})
        house.clock.tick(seconds=(delayed.due_at - house.clock.now()).total_seconds())
    assert house.auth.delivery.deliver() == {LetterState.DEAD: 1}


def test_l5_copies_of_a_letter_whose_reply_was_lost_have_one_message_id(house: House) -> None:
    """FLT-01: nobody can know that it was taken, so it leaves again; the id tells copies from two letters."""
    letter_id = house.sign_up()
    house.behaviour.drops_after = "DATA"
    for _ in range(2):
        assert house.auth.delivery.deliver() == {LetterState.WAITING: 1}
        house.clock.tick(minutes=1)
    house.behaviour.drops_after = ""
    assert house.auth.delivery.deliver() == {LetterState.SENT: 1}
    assert house.behaviour.message_ids() == [f"<{letter_id}@example.org>"] * 3


def test_l5_a_letter_that_failed_before_it_was_handed_over_arrives_once_under_its_first_id(house: House) -> None:
    """However it failed, and though an operator had to send it on its way again."""
    letter_id = house.sign_up()
    for trouble in ({"drops_after": "MAIL"}, {"drops_after": "RCPT"}, {"on_mail": "451"}, {"on_rcpt": "550"}):
        for name, text in trouble.items():
            setattr(house.behaviour, name, text)
        house.auth.delivery.deliver()
        house.clock.tick(minutes=5)
        house.behaviour.drops_after = house.behaviour.on_mail = house.behaviour.on_rcpt = ""
    assert house.auth.delivery.retry([letter_id]) == 1
    assert house.auth.delivery.deliver() == {LetterState.SENT: 1}
    assert house.behaviour.message_ids() == [f"<{letter_id}@example.org>"]


@attrs.define
class Watch(Behaviour):
    """A mail server that looks at the time when a letter arrives."""

    times: queue.SimpleQueue[float] = attrs.Factory(queue.SimpleQueue)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.times.put(time.monotonic())
        return await super().handle_DATA(server, session, envelope)


def test_a_letter_leaves_within_a_second_of_its_commit(tmp_path: Path) -> None:
    """The median of several, from the end of the flow that wrote it to its arrival, as the machine may be busy."""
    behaviour = Watch()
    waited: list[float] = []
    with serving(behaviour) as port:
        environ = {
            "OFFBRAND_ENV": "development",
            "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/offbrand.db",
            "OFFBRAND_SMTP_URL": f"smtp+plain://{HOST}:{port}",
            "OFFBRAND_HASH_MEMORY_KIB": "8",
            "OFFBRAND_HASH_PASSES": "1",
            "OFFBRAND_HASH_LANES": "1",
        }
        settings = Settings.from_env(environ)
        upgrade(settings)
        with connected(settings) as auth, delivering(auth):
            for number in range(7):
                email = EmailAddress(f"ada{number}@example.org")
                auth.registration.register(email, Username(f"ada{number}"), PASSWORD, client=memory.CLIENT)
                committed = time.monotonic()
                waited.append(behaviour.times.get(timeout=PATIENCE) - committed)
    assert statistics.median(waited) < 1, waited
