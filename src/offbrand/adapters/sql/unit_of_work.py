"""The unit of work in SQL: each block is one transaction on one connection."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from offbrand.adapters.sql import blocks
from offbrand.adapters.sql.accounts import SqlAccounts
from offbrand.adapters.sql.devices import SqlDevices
from offbrand.adapters.sql.directory import SqlDirectory
from offbrand.adapters.sql.events import SqlEvents
from offbrand.adapters.sql.letters import SqlLetters
from offbrand.adapters.sql.sessions import SqlSessions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


@attrs.frozen
class SqlTransaction:
    """A `Transaction` over one connection."""

    accounts: SqlAccounts
    sessions: SqlSessions
    devices: SqlDevices
    events: SqlEvents
    letters: SqlLetters
    directory: SqlDirectory

    @classmethod
    def over(cls, connection: Connection, *, locks: bool) -> SqlTransaction:
        """Return a transaction that reads and writes through *connection*."""
        return cls(
            SqlAccounts(connection, locks),
            SqlSessions(connection),
            SqlDevices(connection),
            SqlEvents(connection),
            SqlLetters(connection),
            SqlDirectory(connection),
        )


class SqlUnitOfWork:
    """A `UnitOfWork` over an engine; any number of threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open = threading.local()

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """
        Open a transaction in which the database refuses to write.

        Raises:
            Unavailable: If the database does not do its part.
            RuntimeError: If the block writes, or lies in another.
        """
        with self._block(), blocks.reading(self._engine) as connection:
            yield SqlTransaction.over(connection, locks=False)

    @contextmanager
    def writing(self) -> Iterator[SqlTransaction]:
        """
        Open a transaction that a clean exit commits.

        Raises:
            Unavailable: If the database does not do its part.
            RuntimeError: If the block lies in another.
        """
        with self._block(), blocks.writing(self._engine) as connection:
            yield SqlTransaction.over(connection, locks=True)

    def assert_idle(self) -> None:
        """
        Check that this thread has no transaction open.

        Raises:
            RuntimeError: If it has; slow work belongs between the blocks (law L6).
        """
        if getattr(self._open, "is_open", False):
            msg = "slow work inside a transaction"
            raise RuntimeError(msg)

    @contextmanager
    def _block(self) -> Iterator[None]:
        if getattr(self._open, "is_open", False):
            msg = "blocks do not nest"
            raise RuntimeError(msg)
        self._open.is_open = True
        try:
            yield
        finally:
            self._open.is_open = False
