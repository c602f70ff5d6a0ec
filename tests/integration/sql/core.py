"""Core: accounts and counts in SQL, and everything else in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.adapters import memory
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.domain.auth import Auth
from offbrand.domain.policy import Policy

if TYPE_CHECKING:
    from sqlalchemy import Engine


def core_over(engine: Engine) -> tuple[Auth, memory.Mailbox, memory.MovableClock]:
    """Return a core over *engine*, the mailbox that its letters reach, and the clock that it goes by."""
    clock, mailbox = memory.MovableClock(), memory.Mailbox()
    auth = Auth.assemble(
        unit_of_work=SqlUnitOfWork(engine),
        hasher=memory.PlainHasher(),
        tokens=memory.MemoryTokens(clock),
        mailer=mailbox,
        clock=clock,
        throttle=SqlThrottle(engine),
        blocklist=memory.listed,
        policy=Policy(),
    )
    mailbox.collect_from(auth.delivery.deliver)
    return auth, mailbox, clock
