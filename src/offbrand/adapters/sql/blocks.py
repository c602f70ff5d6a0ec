"""Blocks: connections inside one transaction, begun as each database wants it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.adapters.sql.trouble import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """
    Open a transaction that a clean exit commits.

    Raises:
        Unavailable: If the database does not do its part.
    """
    with translated(), engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            # The lock comes first: a transaction that begins by reading cannot always become a writing one.
            _begin_sqlite(connection, "BEGIN IMMEDIATE")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """
    Open a transaction in which the database itself refuses to write.

    Raises:
        Unavailable: If the database does not do its part.
        RuntimeError: If the block writes.
    """
    with translated(reading=True), engine.connect() as connection:
        match engine.dialect.name:
            case "sqlite":
                with _query_only(connection), connection.begin():
                    _begin_sqlite(connection, "BEGIN")
                    yield connection
            case "postgresql":
                connection.execution_options(postgresql_readonly=True)
                with connection.begin():
                    yield connection
            case _:
                with connection.begin():
                    connection.exec_driver_sql("START TRANSACTION READ ONLY")
                    yield connection


def _begin_sqlite(connection: Connection, statement: str) -> None:
    if getattr(connection.connection.driver_connection, "in_transaction", False):
        # A host's engine may have begun already, in its own way.
        connection.exec_driver_sql("ROLLBACK")
    connection.exec_driver_sql(statement)


@contextmanager
def _query_only(connection: Connection) -> Iterator[None]:
    _pragma(connection, "ON")
    try:
        yield
    finally:
        _pragma(connection, "OFF")


def _pragma(connection: Connection, state: str) -> None:
    # Belongs to the connection and not to a transaction, so SQLAlchemy is not to begin one for it.
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA query_only = {state}")
    cursor.close()
