"""Engine: the connections to a database, set up so that the laws hold on each kind of it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from sqlite3 import Connection as SqliteConnection

_PATIENCE = 5  # seconds to wait for a server, a place in the pool, or a lock
_LONGEST_STATEMENT = 30  # seconds
_ACCEPTED = "sqlite:///…, postgresql+psycopg://… or mariadb+pymysql://…"


def make_engine(url: str, *, busy_timeout: float = _PATIENCE) -> Engine:
    """
    Return the engine for *url*; connects to nothing yet.

    *busy_timeout* is how many seconds a transaction waits for a place in the pool, and then for a lock: SQLite's only
    one, or a row's on the other databases (on MariaDB a second at least).

    Raises:
        ValueError: If *url* names no database that offbrand knows, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        msg = f"a database is written as {_ACCEPTED}"
        raise ValueError(msg) from None
    kind = _KINDS.get(parsed.drivername)
    if kind is None:
        msg = f"{parsed.drivername} is no database that offbrand knows; they are {_ACCEPTED}"
        raise ValueError(msg)
    drivername, arguments = kind
    try:
        # A statement's values may be password hashes, so that no error may quote them (law L9).
        engine = create_engine(
            parsed.set(drivername=drivername), hide_parameters=True, **arguments(parsed, busy_timeout)
        )
    except ImportError:
        msg = f"the driver of {drivername} is not installed"
        raise ValueError(msg) from None
    except exc.ArgumentError:
        msg = f"a database is written as {_ACCEPTED}"
        raise ValueError(msg) from None
    if drivername == "sqlite":
        event.listen(engine, "do_connect", _make_file)
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _sqlite(url: URL, busy_timeout: float) -> Mapping[str, Any]:
    arguments: dict[str, Any] = {"pool_timeout": busy_timeout, "connect_args": {"timeout": busy_timeout}}
    if url.database in (None, "", ":memory:"):
        # A database in memory lives as long as its one connection, which all threads take in turn.
        arguments |= {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
        arguments["connect_args"]["check_same_thread"] = False
    return arguments


def _postgresql(url: URL, busy_timeout: float) -> Mapping[str, Any]:
    limits = {
        "lock_timeout": round(busy_timeout * 1000),
        "statement_timeout": _LONGEST_STATEMENT * 1000,
        "idle_in_transaction_session_timeout": _LONGEST_STATEMENT * 1000,
    }
    return _server(
        url,
        busy_timeout,
        application_name="offbrand",
        options=" ".join(f"-c {name}={milliseconds}" for name, milliseconds in limits.items()),
    )


def _mariadb(url: URL, busy_timeout: float) -> Mapping[str, Any]:
    # Not to wait at all would end any transaction whose SKIP LOCKED has skipped something (MariaDB 10.11, error 1180).
    patience = max(1, round(busy_timeout))
    # Without the strict mode, a server would shorten what does not fit, and two keys could become one.
    strict = "sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"
    return _server(
        url,
        busy_timeout,
        read_timeout=_LONGEST_STATEMENT,
        write_timeout=_LONGEST_STATEMENT,
        charset="utf8mb4",
        init_command=f"SET SESSION innodb_lock_wait_timeout = {patience}, {strict}",
    )


def _server(url: URL, busy_timeout: float, **connect_args: object) -> Mapping[str, Any]:
    connect_args["connect_timeout"] = _PATIENCE
    return {
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,
        "pool_timeout": busy_timeout,
        # What the URL says wins.
        "connect_args": {name: value for name, value in connect_args.items() if name not in url.query},
    }


def _make_file(_dialect: object, _record: object, arguments: list[Any], _options: object) -> None:
    """Make a new database file readable for its owner alone: addresses and password hashes go there."""
    path = arguments[0]
    if path != ":memory:" and not path.startswith("file:"):
        with suppress(OSError):  # SQLite says better what is wrong
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def _set_up_sqlite(connection: SqliteConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # WAL would allow NORMAL, but then a loss of power could bring back a link that was used or a password that was
    # replaced (law L2).
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


_KINDS: Mapping[str, tuple[str, Callable[[URL, float], Mapping[str, Any]]]] = {
    "sqlite": ("sqlite", _sqlite),
    "sqlite+pysqlite": ("sqlite", _sqlite),
    "postgresql": ("postgresql+psycopg", _postgresql),
    "postgresql+psycopg": ("postgresql+psycopg", _postgresql),
    "mariadb": ("mariadb+pymysql", _mariadb),
    "mariadb+pymysql": ("mariadb+pymysql", _mariadb),
}
