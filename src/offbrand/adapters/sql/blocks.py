"""Blocks: connections inside one transaction, begun as each database wants it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import exc

from offbrand.adapters.sql.guest import pragmas, variables
from offbrand.adapters.sql.trouble import only_reads, translated

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
    with (
        translated(),
        _connected(engine) as connection,
        pragmas(connection),
        _as_the_server_says(connection),
        connection.begin(),
    ):
        if engine.dialect.name == "sqlite":
            # The lock comes first: a transaction that begins by reading cannot always become a writing one.
            _begin_sqlite(connection, "BEGIN IMMEDIATE")
        with variables(connection):
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """
    Open a transaction in which the database itself refuses to write.

    Raises:
        Unavailable: If the database does not do its part.
        RuntimeError: If the block writes.
    """
    with translated(reading=True), _connected(engine) as connection:
        match engine.dialect.name:
            case "sqlite":
                with pragmas(connection), _query_only(connection), connection.begin():
                    _begin_sqlite(connection, "BEGIN")
                    yield connection
            case "postgresql":
                connection.execution_options(postgresql_readonly=True)
                with connection.begin(), variables(connection):
                    yield connection
            case _:
                with connection.begin():
                    connection.exec_driver_sql("START TRANSACTION READ ONLY")
                    with variables(connection):
                        yield connection


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    with translated(connecting=engine.url):
        connection = engine.connect()
    with connection:
        yield connection


@contextmanager
def _as_the_server_says(connection: Connection) -> Iterator[None]:
    """Leave it to the server whether anything is written; if not, give the connection up, as another may lead on."""
    driver = connection.connection.driver_connection
    if getattr(driver, "read_only", None) is False:
        # What a reading block leaves behind: psycopg would ask to write where an operator has decided that nobody
        # shall, which a standby answers with an error of its own.
        driver.read_only = None  # type: ignore[union-attr] # it has been asked just now
    try:
        yield
    except exc.DBAPIError as error:
        if only_reads(error):
            connection.invalidate()
        raise


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
