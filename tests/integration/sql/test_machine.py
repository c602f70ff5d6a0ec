"""The machine, playing at the library over SQL; slow work is watched for open transactions (law L6)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.adapters import memory
from offbrand.adapters.itsdangerous_tokens import ItsdangerousTokens
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.contracts.library_driver import LibraryDriver
from offbrand.contracts.machine import play
from offbrand.contracts.stage import ROOMY
from offbrand.contracts.watchful import WatchfulHasher, WatchfulMailer, WatchfulThrottle
from offbrand.domain.auth import Auth
from offbrand.domain.values import Secret
from tests.integration.sql.databases import empty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_KEYS = [Secret("a key that is long enough to be one")]


def core(engine: Engine) -> LibraryDriver:
    """Assemble a core over SQL whose slow ports refuse to work while a transaction is open."""
    clock = memory.MovableClock()
    unit_of_work = SqlUnitOfWork(engine)
    mailbox = memory.Mailbox()
    auth = Auth.assemble(
        unit_of_work=unit_of_work,
        hasher=WatchfulHasher(memory.PlainHasher(), unit_of_work.assert_idle),
        tokens=ItsdangerousTokens(_KEYS, "https://auth.example.org", clock),
        mailer=WatchfulMailer(mailbox, unit_of_work.assert_idle),
        clock=clock,
        throttle=WatchfulThrottle(SqlThrottle(engine), unit_of_work.assert_idle),
        blocklist=memory.listed,
        policy=ROOMY,
    )
    return LibraryDriver(auth, lambda: mailbox.arrived, clock)


def test_the_library_keeps_its_laws_over_sql(engine: Engine) -> None:
    """What holds in memory holds on every database."""

    @contextmanager
    def library() -> Iterator[LibraryDriver]:
        empty(engine)
        yield core(engine)

    play(library)
