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
    from collections.abc import Callable, Iterator

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
    def over(
        cls, connection: Connection, *, locks: bool, after_letter: Callable[[Connection], object] | None = None
    ) -> SqlTransaction:
        """Return a transaction that reads and writes through *connection*."""
        return cls(
            SqlAccounts(connection, locks),
            SqlSessions(connection),
            SqlDevices(connection),
            SqlEvents(connection),
            SqlLetters(connection, after_letter),
            SqlDirectory(connection),
        )


class SqlUnitOfWork:
    """
    A `UnitOfWork` over an engine; any number of threads may share it.

    *after_letter* is called with the connection after each letter that is added, before its transaction ends; what it
    does is committed or rolled back with the letter, and what it raises ends the block.
    """

    def __init__(self, engine: Engine, *, after_letter: Callable[[Connection], object] | None = None) -> None:
        self._engine = engine
        self._after_letter = after_letter
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
            yield SqlTransaction.over(connection, locks=True, after_letter=self._after_letter)

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
