"""Guest: the laws hold on an engine that a host made in its own way, and the host finds it as it was."""

from __future__ import annotations

import logging
import sqlite3
import sys
import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from offbrand.adapters.sql import blocks
from offbrand.adapters.sql.guest import adopted
from offbrand.adapters.sql.tables import throttle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.bootstrap import bootstrap
from offbrand.domain.errors import Unavailable
from offbrand.domain.values import AccountId, PasswordHash, Username
from offbrand.settings import Settings, SettingsError
from tests.integration.sql.examples import NOON, account, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

on_servers = pytest.mark.parametrize("url", ["postgresql", "mariadb"], indirect=True)
on_mariadb = pytest.mark.parametrize("url", ["mariadb"], indirect=True)
LEVELS = ["READ UNCOMMITTED", "REPEATABLE READ", "SERIALIZABLE", "AUTOCOMMIT", None]


@pytest.fixture
def host(engine: Engine, url: str) -> Iterator[Callable[..., Engine]]:
    """Return what makes an engine as a host does, over a database without rows."""
    made = []

    def make(**arguments: object) -> Engine:
        made.append(sa.create_engine(url, **arguments))
        return made[-1]

    yield make
    for each in made:
        each.dispose()
    engine.dispose()


def ask(engine: Engine, *questions: str) -> list[object]:
    """Return what the database answers on a connection of the host."""
    with engine.connect() as connection:
        return [connection.exec_driver_sql(question).scalar_one() for question in questions]


def answers(engine: Engine, *questions: str, block: str = "writing") -> list[object]:
    """Return what the database answers inside of a block."""
    with getattr(blocks, block)(adopted(engine)) as connection:
        return [connection.exec_driver_sql(question).scalar_one() for question in questions]


@on_servers
@pytest.mark.parametrize("level", LEVELS)
def test_a_block_sees_what_is_committed_whatever_the_hosts_transactions_see(
    host: Callable[..., Engine], engine: Engine, level: str | None
) -> None:
    """Law L2: a decision that waited for another looks at what that one has left."""
    ann = account()
    theirs = host(isolation_level=level) if level else host()
    unit_of_work = SqlUnitOfWork(adopted(theirs))
    for block in (unit_of_work.writing, unit_of_work.reading):
        with block() as tx:
            before = tx.accounts.claimed_by(ann.username)
            if before is None:
                store(SqlUnitOfWork(engine), ann)
            assert ann == tx.accounts.claimed_by(ann.username)


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "SERIALIZABLE"])
def test_l5_a_block_is_a_transaction_whatever_the_hosts_are(host: Callable[..., Engine], level: str) -> None:
    theirs = host(isolation_level=level)
    unit_of_work = SqlUnitOfWork(adopted(theirs))
    with pytest.raises(LookupError):
        _store_and_fail(unit_of_work)
    with pytest.raises(RuntimeError, match="reading block has written"), unit_of_work.reading() as tx:
        tx.accounts.add(account("bob"))
    assert ask(theirs, "SELECT count(*) FROM offbrand_accounts") == [0]
    with theirs.connect() as connection:
        connection.execute(sa.insert(throttle).values(key="k", attempts=1))
    assert ask(theirs, "SELECT count(*) FROM offbrand_throttle") == [int(level == "AUTOCOMMIT")]


def _store_and_fail(unit_of_work: SqlUnitOfWork) -> None:
    with unit_of_work.writing() as tx:
        tx.accounts.add(account("ann"))
        raise LookupError


def test_rows_refer_to_rows_whatever_the_host_allows(host: Callable[..., Engine]) -> None:
    """SQLite looks at foreign keys only where it is told to; the host's own statements are left alone."""
    theirs = host()
    with pytest.raises(RuntimeError, match="refused a statement"), SqlUnitOfWork(adopted(theirs)).writing() as tx:
        tx.devices.add(AccountId(uuid.uuid4()), "d", NOON, at_most=5)
    if theirs.dialect.name == "sqlite":
        assert ask(theirs, "PRAGMA foreign_keys", "PRAGMA query_only") == [0, 0]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_l2_a_block_is_on_the_disk_when_it_ends_whatever_the_host_risks(host: Callable[..., Engine]) -> None:
    theirs = host()

    @sa.event.listens_for(theirs, "connect")
    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    assert answers(theirs, "PRAGMA synchronous", "PRAGMA foreign_keys") == [2, 1]
    assert ask(theirs, "PRAGMA synchronous", "PRAGMA foreign_keys") == [0, 0]


class Modern(sqlite3.Connection):
    """A connection as Python 3.12 has them, with PEP 249's ``autocommit``."""

    # Python 3.11 knows none.
    if sys.version_info < (3, 12):
        autocommit: bool | int = -1

        def commit(self) -> None:
            if self.autocommit is not True:
                super().commit()
            self._begin()

        def rollback(self) -> None:
            if self.autocommit is not True:
                super().rollback()
            self._begin()

        def _begin(self) -> None:
            if self.autocommit is False:
                self.execute("BEGIN")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("autocommit", [True, False, -1])
def test_l5_a_block_is_a_transaction_however_python_begins_the_hosts(
    host: Callable[..., Engine],
    autocommit: bool | int,  # noqa: FBT001 - Python's own word
) -> None:
    """Where a commit does nothing, or begins the next transaction, what a host's engine has set is put back."""
    theirs = host(connect_args={"factory": Modern})

    @sa.event.listens_for(theirs, "connect")
    def modernise(connection: Modern, _record: object) -> None:
        connection.autocommit = autocommit

    unit_of_work = SqlUnitOfWork(adopted(theirs))
    with pytest.raises(LookupError):
        _store_and_fail(unit_of_work)
    store(unit_of_work, ann := account())
    with unit_of_work.reading() as tx:
        assert ann == tx.accounts.get(ann.id)
    with theirs.connect() as connection:
        assert getattr(connection.connection.driver_connection, "autocommit", None) == autocommit
    with closing(sqlite3.connect(theirs.url.database or "")) as other:
        assert other.execute("SELECT count(*) FROM offbrand_accounts").fetchone() == (1,)
    assert ask(theirs, "PRAGMA foreign_keys", "PRAGMA query_only") == [0, 0]


@on_mariadb
def test_nothing_is_shortened_whatever_the_host_lets_pass(host: Callable[..., Engine]) -> None:
    """Two long names would become one."""
    theirs = host(connect_args={"init_command": "SET SESSION sql_mode = ''"})
    with pytest.raises(RuntimeError, match="refused a statement"):
        store(SqlUnitOfWork(adopted(theirs)), account(username=Username("a" * 256)))
    assert ask(theirs, "SELECT @@sql_mode", "SELECT count(*) FROM offbrand_accounts") == ["", 0]


@on_servers
@pytest.mark.parametrize("block", ["reading", "writing"])
def test_l11_a_block_waits_for_seconds_whatever_the_hosts_patience(host: Callable[..., Engine], block: str) -> None:
    theirs = host()
    question, patience, own = {
        "postgresql": ("SHOW lock_timeout", "5s", "0"),
        "mariadb": ("SELECT @@innodb_lock_wait_timeout", 5, 50),
    }[theirs.dialect.name]
    assert (answers(theirs, question, block=block), ask(theirs, question)) == ([patience], [own])


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_host_that_waits_for_less_than_that_is_left_alone(host: Callable[..., Engine]) -> None:
    assert answers(host(connect_args={"options": "-c lock_timeout=100"}), "SHOW lock_timeout") == ["100ms"]


@on_mariadb
def test_connections_that_would_lose_letters_are_refused(host: Callable[..., Engine]) -> None:
    with pytest.raises(RuntimeError, match="needs charset=utf8mb4"):
        answers(host(connect_args={"charset": "latin1"}), "SELECT 1")


@pytest.mark.parametrize("block", ["reading", "writing"])
@pytest.mark.parametrize("is_broken", [True, False])
def test_l11_a_hosts_file_in_trouble_is_a_refusal(block: str, is_broken: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """Broken, or locked by another program: what a block sets up first runs into that."""
    path = tmp_path / "hosts.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE anything (id)")
        if is_broken:
            path.write_bytes(b"no database" * 1000)
        else:
            other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable):
            answers(sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 0}), "SELECT 1", block=block)


@on_mariadb
def test_connections_that_count_otherwise_are_refused(host: Callable[..., Engine], engine: Engine) -> None:
    """A row that is written as it was would not count, and what was found would pass for lost."""
    _, where = engine.dialect.create_connect_args(engine.url)
    del where["client_flag"]
    with pytest.raises(RuntimeError, match="count rows"):
        answers(host(creator=lambda: pymysql.connect(**where)), "SELECT 1")


def test_l9_a_host_that_logs_its_statements_logs_no_value_of_ours(
    host: Callable[..., Engine], caplog: pytest.LogCaptureFixture
) -> None:
    """Nor a row that was read, which has a password hash in it."""
    caplog.set_level(logging.DEBUG, "sqlalchemy.engine")
    theirs = host()
    unit_of_work = SqlUnitOfWork(adopted(theirs))
    store(unit_of_work, kept := account(password_hash=PasswordHash("$hunter2$")))
    with unit_of_work.reading() as tx:
        assert tx.accounts.get(kept.id)
    assert "INSERT INTO offbrand_accounts" in caplog.text
    assert "hunter2" not in caplog.text
    # What it logs of its own rows is its own affair.
    assert ask(theirs, "SELECT 'hosts'") == ["hosts"]
    assert "Row ('hosts',)" in caplog.text


def test_the_pool_stays_the_hosts(host: Callable[..., Engine]) -> None:
    theirs = host()
    assert adopted(theirs).pool is theirs.pool
    assert not theirs.hide_parameters


@pytest.mark.parametrize(
    ("url", "arguments", "reason"),
    [
        ("sqlite://", {}, "SingletonThreadPool lends one connection to two transactions"),
        ("sqlite://", {"poolclass": StaticPool}, "StaticPool lends one connection to two transactions"),
        ("mysql+pymysql://127.0.0.1/x", {}, r"it is for mysql\+pymysql"),
    ],
)
def test_an_engine_that_cannot_be_made_safe_is_refused_by_a_sentence(
    url: str, arguments: dict[str, Any], reason: str
) -> None:
    """One that lends a connection twice would let two blocks, or a block and the host, undo each other's work."""
    engine = sa.create_engine(url, **arguments)
    settings = Settings.from_env(
        {"OFFBRAND_ENV": "development", "OFFBRAND_SECRET_KEYS": "0123456789abcdef0123456789abcdef"}
    )
    with pytest.raises(SettingsError, match=reason):
        bootstrap(settings, engine=engine)
    engine.dispose()
