"""Guest: on an engine that belongs to a host, blocks find what the laws need, and leave what they found."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.pool import SingletonThreadPool, StaticPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

# An execution option of the engines that are set up when they connect, and not block by block.
OWN = "offbrand_own"
PATIENCE = 5  # seconds to wait for a server, a place in the pool, or a lock
# Without the strict mode, a server would shorten what does not fit, and two keys could become one.
STRICT = "sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"
LOGGED_AS = "offbrand"
_DRIVERS = ("sqlite+pysqlite", "postgresql+psycopg", "mariadb+pymysql")
_FOUND_ROWS = 2  # a flag of MariaDB's protocol
_LEGACY = -1  # sqlite3.LEGACY_TRANSACTION_CONTROL; before Python 3.12 there is no other


def _is_no_row(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


# At DEBUG, SQLAlchemy logs each row that it reads, and rows have password hashes and addresses in them (law L9).
logging.getLogger(f"sqlalchemy.engine.Engine.{LOGGED_AS}").addFilter(_is_no_row)


def adopted(engine: Engine) -> Engine:
    """
    Return *engine* with its pool, but for transactions as offbrand needs them; connects to nothing yet.

    Raises:
        ValueError: If blocks could not keep to themselves on it, or it is of an unknown kind.
    """
    if engine.get_execution_options().get(OWN):
        return engine
    driver = f"{engine.dialect.name}+{engine.dialect.driver}"
    if driver not in _DRIVERS:
        msg = f"it is for {driver}, and offbrand knows {', '.join(_DRIVERS)}"
        raise ValueError(msg)
    pool = type(engine.pool)
    if issubclass(pool, (StaticPool, SingletonThreadPool)):
        msg = f"its {pool.__name__} lends one connection to two transactions at once"
        raise ValueError(msg)  # noqa: TRY004 - its type is what is of no use
    is_file = engine.dialect.name == "sqlite"
    guest = engine.execution_options() if is_file else engine.execution_options(isolation_level="READ COMMITTED")
    # A statement's values may be password hashes, so that no error or log may quote them (law L9).
    guest.hide_parameters = True
    guest.logging_name = LOGGED_AS
    guest.echo = engine.echo  # set anew, it takes up the logger of that name
    return guest


@contextmanager
def pragmas(connection: Connection) -> Iterator[None]:
    """Set what SQLite and its driver take outside of transactions only."""
    if connection.dialect.name != "sqlite" or _is_own(connection):
        yield
        return
    with _control(connection):
        # Not through SQLAlchemy, which would begin a transaction.
        cursor = connection.connection.cursor()
        names = ("foreign_keys", "synchronous")
        before = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
        try:
            for name, value in zip(names, ("ON", "FULL"), strict=True):
                cursor.execute(f"PRAGMA {name} = {value}")
            yield
        finally:
            for name, value in zip(names, before, strict=True):
                cursor.execute(f"PRAGMA {name} = {value}")
            cursor.close()


@contextmanager
def _control(connection: Connection) -> Iterator[None]:
    """Have commits commit and begin nothing, which Python 3.12 leaves to the host (PEP 249's ``autocommit``)."""
    driver: Any = connection.connection.driver_connection
    before = getattr(driver, "autocommit", _LEGACY)
    if before != _LEGACY:
        driver.autocommit = _LEGACY
    driver.rollback()  # of what the host, or its driver, has begun
    try:
        yield
    finally:
        if before != _LEGACY:
            driver.rollback()  # or this would commit what could not be ended
            driver.autocommit = before


@contextmanager
def variables(connection: Connection) -> Iterator[None]:
    """
    Set what a server takes inside of a transaction.

    Raises:
        RuntimeError: If what cannot be set is not as it must be.
    """
    if _is_own(connection):
        yield
        return
    match connection.dialect.name:
        case "postgresql":
            # Until the transaction ends. A host may wait for ever, but a person does not.
            limit = f"set_config('lock_timeout', '{PATIENCE}s', true)"
            connection.exec_driver_sql(f"SELECT {limit} WHERE current_setting('lock_timeout') = '0'")
            yield
        case "mariadb":
            _check(connection)
            with _session(connection):
                yield
        case _:
            yield


@contextmanager
def _session(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql(
        "SET @offbrand_sql_mode = @@sql_mode, @offbrand_patience = @@innodb_lock_wait_timeout,"
        f" SESSION innodb_lock_wait_timeout = LEAST(@@innodb_lock_wait_timeout, {PATIENCE}), SESSION {STRICT}"
    )
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.exec_driver_sql(
                "SET SESSION sql_mode = @offbrand_sql_mode, SESSION innodb_lock_wait_timeout = @offbrand_patience"
            )


def _check(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    if driver.charset != "utf8mb4":
        msg = f"the engine's connections speak {driver.charset}, and names would be lost: it needs charset=utf8mb4"
        raise RuntimeError(msg)
    if not driver.client_flag & _FOUND_ROWS:
        msg = "the engine's connections count rows that changed, and not those that were found"
        raise RuntimeError(msg)


def _is_own(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(OWN))
