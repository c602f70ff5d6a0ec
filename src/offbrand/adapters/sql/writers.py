"""Writers: who is adding events on PostgreSQL at a moment, told by a lock that they share and nobody waits for."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from sqlalchemy import text

from offbrand.adapters.sql.guest import PATIENCE
from offbrand.adapters.sql.trouble import RETRY_AFTER
from offbrand.domain.errors import Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection

_WRITING = 0x0FFB0A2E
_PAUSE = 0.005  # seconds
# By transaction and not by connection: the next transaction of a writer is none to wait for.
_WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = :key"
    " AND objsubid = 1 AND granted AND pid IS DISTINCT FROM pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_PATIENCE = text("SELECT setting::float / 1000 FROM pg_settings WHERE name = 'lock_timeout'")
_log = logging.getLogger(__name__)


def announce_writer(connection: Connection) -> None:
    """Take the lock until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _WRITING})


def await_writers(connection: Connection) -> None:
    """
    Wait until the transactions that hold the lock now have ended, however many take it meanwhile.

    What they have committed is visible by then: PostgreSQL lets a transaction be seen before it releases its locks.

    Raises:
        Unavailable: If one of them takes longer than the connection waits for a lock, or than `PATIENCE` where that
            would be for ever.
    """
    awaited = _writers(connection)
    if not awaited:
        return
    patience = connection.execute(_PATIENCE).scalar_one() or PATIENCE  # 0 is no limit
    began = time.monotonic()
    while awaited := awaited & _writers(connection):
        if time.monotonic() - began > patience:
            _log.warning("The database did not do its part: a transaction that adds events does not end")
            raise Unavailable(RETRY_AFTER)
        time.sleep(_PAUSE)


def _writers(connection: Connection) -> set[str]:
    return set(connection.execute(_WRITERS, {"key": _WRITING}).scalars())
