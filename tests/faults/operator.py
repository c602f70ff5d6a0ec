"""Operator: somebody at the database server itself, past the line that a test cuts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from offbrand.adapters.sql.tables import throttle
from tests.integration.sql.lock_waits import lock_waits
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

PORTS = {"postgresql": 5432, "mariadb": 3306}
_OWN = {"postgresql": "SELECT pg_backend_pid()", "mariadb": "SELECT CONNECTION_ID()"}
_OTHERS = {
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "mariadb": "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
}
_END = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}
_NO_SUCH_THREAD = 1094


class Operator:
    """Has connections of their own to one database."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)
        self.kind = self._engine.dialect.name

    def ends_connections(self, keep: sa.Connection | None = None) -> None:
        """End every connection to the database, but for this one and *keep*."""
        own = keep.exec_driver_sql(_OWN[self.kind]).scalar_one() if keep else 0
        with self._engine.connect() as connection:
            for number in connection.exec_driver_sql(_OTHERS[self.kind]).scalars().all():
                if number != own:
                    self._end(connection, number)

    def _end(self, connection: sa.Connection, number: int) -> None:
        try:
            connection.exec_driver_sql(_END[self.kind].format(number))
        except sa.exc.OperationalError as error:
            # MariaDB still lists for a moment who has hung up, and then knows no such thread.
            if getattr(error.orig, "args", ())[:1] != (_NO_SUCH_THREAD,):
                raise

    @contextmanager
    def locking(self, query: sa.Select[Any]) -> Iterator[sa.Connection]:
        """Keep the one row that *query* finds locked while the block lasts."""
        with self._engine.connect() as connection, connection.begin():
            connection.execute(query.with_for_update()).one()
            yield connection

    def holding(self, key: str) -> AbstractContextManager[sa.Connection]:
        """Keep the row of one count locked while the block lasts."""
        return self.locking(sa.select(throttle).where(throttle.c.key == key))

    def sees_waiting(self, how_many: int = 1) -> None:
        """Wait until that many requests wait for a lock."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            until(lambda: lock_waits(connection) >= how_many)

    def does(self, statement: str) -> None:
        """Execute a statement about the database, whose name it leaves out."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.kind == "postgresql":
                # Or what was told to read only could never be told otherwise.
                connection.exec_driver_sql("SET default_transaction_read_only = off")
            connection.exec_driver_sql(statement.format(self._engine.url.database))
