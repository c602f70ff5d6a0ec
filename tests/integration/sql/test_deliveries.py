"""Deliveries beside each other, on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.adapters import memory
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.domain.letters import LetterState
from offbrand.domain.policy import Policy
from offbrand.domain.services.delivery import Delivery
from tests.integration.sql.examples import letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from offbrand.domain.letters import ReadyLetter
    from offbrand.domain.ports import Mailer


@attrs.frozen
class SlowMailer:
    """A mailer beside which something else happens while each letter is on its way."""

    mailbox: memory.Mailbox
    meanwhile: Callable[[], object]

    def send(self, letter: ReadyLetter) -> None:
        """Let it happen, then keep the letter."""
        self.meanwhile()
        self.mailbox.send(letter)


def delivery(engine: Engine, mailer: Mailer) -> Delivery:
    clock = memory.MovableClock()
    return Delivery(
        unit_of_work=SqlUnitOfWork(engine),
        tokens=memory.MemoryTokens(clock),
        mailer=mailer,
        clock=clock,
        policy=Policy(),
    )


def test_l6_who_waits_for_a_mail_server_holds_up_no_other_delivery(engine: Engine, impatient: Engine) -> None:
    """The other one waits for no lock at all; this is why two hand over twice as many."""
    mailbox = memory.Mailbox()
    other = delivery(impatient, mailbox)
    others: list[object] = []
    one = delivery(engine, SlowMailer(mailbox, lambda: others.append(other.deliver(2))))
    with one.unit_of_work.writing() as tx:
        for _ in range(7):
            tx.letters.add(letter(due_at=one.clock.now()))
    assert one.deliver() == {LetterState.SENT: 3}
    assert others == [{LetterState.SENT: 2}, {LetterState.SENT: 2}, {}]
    assert len({each.id for each in mailbox.arrived}) == len(mailbox.arrived) == 7
