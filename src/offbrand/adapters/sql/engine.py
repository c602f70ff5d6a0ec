"""Engine: the connections to a database, set up so that the laws hold on each kind of it."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import QueuePool

from offbrand.adapters.sql.guest import LOGGED_AS, OWN, PATIENCE, STRICT
from offbrand.adapters.sql.terms import check_parameters, separated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from sqlite3 import Connection as SqliteConnection

    from pymysql.connections import Connection as MariadbConnection

_LONGEST_STATEMENT = 30  # seconds
_ACCEPTED = "sqlite:///…, postgresql+psycopg://… or mariadb+pymysql://…"
_NO_URL = f"a database is written as {_ACCEPTED}"


def make_engine(url: str, *, busy_timeout: float = PATIENCE) -> Engine:
    """
    Return the engine for *url*; connects to nothing yet.

    *busy_timeout* is how many seconds a transaction waits for a place in the pool, and then for a lock: SQLite's only
    one, or a row's on the other databases (on MariaDB a second at least). The terms of the URL come before it.

    Raises:
        ValueError: If *url* names no database that offbrand knows, its driver is not installed, or does not know what
            the URL tells it.
    """
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise ValueError(_NO_URL) from None
    kind = _KINDS.get(parsed.drivername)
    if kind is None:
        msg = f"{parsed.drivername} is no database that offbrand knows; they are {_ACCEPTED}"
        raise ValueError(msg)
    drivername, arguments = kind
    if "@" in (parsed.host or ""):
        # The rest of a password, which whatever is said of the host would tell (law L9).
        msg = "an @ in its user or password is written as %40"
        raise ValueError(msg)
    parsed, terms = separated(parsed.set(drivername=drivername))
    try:
        check_parameters(parsed)
    except ImportError:
        msg = f"the driver of {drivername} is not installed"
        raise ValueError(msg) from None
    patience = terms.get("lock_timeout", busy_timeout)
    pool = {"pool_timeout": busy_timeout} | {name: terms[name] for name in terms if name != "lock_timeout"}
    rest = arguments(parsed, patience)
    if pool.keys() & rest.keys():
        msg = "a database in memory has one connection, so that its pool has no other size"
        raise ValueError(msg)
    try:
        # A statement's values may be password hashes, so that no error may quote them (law L9).
        engine = create_engine(
            parsed, hide_parameters=True, logging_name=LOGGED_AS, execution_options={OWN: True}, **pool, **rest
        )
    except (exc.ArgumentError, ValueError):
        msg = "one of its parameters has a value of the wrong kind"
        raise ValueError(msg) from None
    match drivername:
        case "sqlite":
            event.listen(engine, "do_connect", _make_file)
            event.listen(engine, "connect", _set_up_sqlite)
        case "mariadb+pymysql":
            event.listen(engine, "connect", partial(_set_up_mariadb, patience))
    return engine


def _sqlite(url: URL, patience: float) -> Mapping[str, Any]:
    if "timeout" in url.query:
        # Overruled in silence, an operator would believe in it; and it knows no limit.
        msg = "how long to wait for a lock is said by lock_timeout and not timeout"
        raise ValueError(msg)
    arguments: dict[str, Any] = {"connect_args": {"timeout": patience}}
    if url.database in (None, "", ":memory:"):
        # A database in memory lives as long as its one connection, which all threads take in turn.
        arguments |= {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
        arguments["connect_args"]["check_same_thread"] = False
    return arguments


def _postgresql(url: URL, patience: float) -> Mapping[str, Any]:
    limits = {
        "lock_timeout": round(patience * 1000),
        "statement_timeout": _LONGEST_STATEMENT * 1000,
        "idle_in_transaction_session_timeout": _LONGEST_STATEMENT * 1000,
    }
    options = [f"-c {name}={milliseconds}" for name, milliseconds in limits.items()]
    # A network that was lost says nothing: without these, whoever needs its connections would wait for hours.
    lost = {"keepalives_idle": PATIENCE, "keepalives_interval": PATIENCE, "tcp_user_timeout": _LONGEST_STATEMENT * 1000}
    arguments = _server(url, application_name="offbrand", **lost)
    # Of two that name one thing, PostgreSQL takes the last.
    arguments["connect_args"]["options"] = " ".join([*options, *url.normalized_query.get("options", ())])
    return arguments


def _mariadb(url: URL, _patience: float) -> Mapping[str, Any]:
    if url.query.get("charset", "utf8mb4") != "utf8mb4":
        msg = "charset must be utf8mb4, or names would be lost"
        raise ValueError(msg)
    return _server(url, read_timeout=_LONGEST_STATEMENT, write_timeout=_LONGEST_STATEMENT, charset="utf8mb4")


def _server(url: URL, **connect_args: object) -> dict[str, Any]:
    connect_args["connect_timeout"] = PATIENCE
    return {
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,
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


def _set_up_mariadb(patience: float, connection: MariadbConnection, _record: object) -> None:
    # Not as the driver's `init_command`, which the URL may give. And not to wait at all would end any transaction whose
    # SKIP LOCKED has skipped something (MariaDB 10.11, error 1180).
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {max(1, round(patience))}, {STRICT}")


_KINDS: Mapping[str, tuple[str, Callable[[URL, float], Mapping[str, Any]]]] = {
    "sqlite": ("sqlite", _sqlite),
    "sqlite+pysqlite": ("sqlite", _sqlite),
    "postgresql": ("postgresql+psycopg", _postgresql),
    "postgresql+psycopg": ("postgresql+psycopg", _postgresql),
    "mariadb": ("mariadb+pymysql", _mariadb),
    "mariadb+pymysql": ("mariadb+pymysql", _mariadb),
}
