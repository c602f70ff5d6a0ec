"""Engines: each kind of database is set up so that the laws hold; unknown kinds are refused."""

from __future__ import annotations

import logging
import stat
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql import schema
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from tests.integration.sql.examples import account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


def ask(engine: Engine, *questions: str) -> list[object]:
    """Return what the database answers on one connection."""
    with engine.connect() as connection:
        return [connection.exec_driver_sql(question).scalar_one() for question in questions]


def test_sqlite_is_durable_patient_and_strict(sqlite_engine: Engine) -> None:
    pragmas = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"]
    assert ask(sqlite_engine, *(f"PRAGMA {pragma}" for pragma in pragmas)) == ["wal", 2, 1, 5000]


@pytest.fixture
def default(url: str) -> Iterator[Engine]:
    """Return an engine as a deployment has it, of each kind in turn."""
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgresql_reads_what_is_committed_and_waits_for_seconds(default: Engine) -> None:
    settings = ["transaction_isolation", "lock_timeout", "statement_timeout", "application_name"]
    assert ask(default, *(f"SHOW {name}" for name in settings)) == ["read committed", "5s", "30s", "offbrand"]


@pytest.mark.parametrize("url", ["mariadb"], indirect=True)
def test_mariadb_reads_what_is_committed_waits_for_seconds_and_shortens_nothing(default: Engine) -> None:
    settings = ["tx_isolation", "innodb_lock_wait_timeout", "character_set_connection"]
    assert ask(default, *(f"SELECT @@{name}" for name in settings)) == ["READ-COMMITTED", 5, "utf8mb4"]
    assert "STRICT_ALL_TABLES" in str(ask(default, "SELECT @@sql_mode"))


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_the_url_says_wins(engine: Engine) -> None:
    url = engine.url.update_query_dict({"application_name": "host"})
    other = make_engine(url.render_as_string(hide_password=False))
    assert ask(other, "SHOW application_name") == ["host"]
    other.dispose()


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    engine = make_engine("sqlite://")
    schema.upgrade(engine)
    unit_of_work = SqlUnitOfWork(engine)

    def register(number: int) -> None:
        with unit_of_work.writing() as tx:
            tx.accounts.add(account(f"ann{number}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(register, range(8)))
    assert ask(engine, "SELECT count(*) FROM offbrand_accounts") == [8]
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://ann:s3cret@127.0.0.1/x",
        "postgresql+psycopg2://ann:s3cret@127.0.0.1/x",
        "oracle://ann:s3cret@127.0.0.1/x",
        "ann:s3cret@127.0.0.1/x",
        "mariadb+pymysql://ann:s3cret@127.0.0.1:port/x",
        "",
    ],
)
def test_an_unknown_kind_is_refused_by_a_sentence_without_the_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"postgresql\+psycopg://") as refused:
        make_engine(url)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(ValueError, match=r"driver of mariadb\+pymysql is not installed"):
        make_engine("mariadb+pymysql://127.0.0.1/x")


def test_errors_hide_the_values_of_statements(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection, pytest.raises(sa.exc.OperationalError) as refused:
        connection.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_l9_only_the_owner_reads_a_new_database_file(tmp_path: Path) -> None:
    """Addresses and password hashes lie in it, and in what SQLite keeps beside it while it is open."""
    engine = make_engine(f"sqlite:///{tmp_path / 'offbrand.db'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE anything (id INTEGER)")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    engine.dispose()
    assert set(modes.values()) == {0o600}, modes


def test_l9_no_row_is_logged_however_much_is(sqlite_engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """LOG-01: SQLAlchemy hides what a statement is given, but at DEBUG shows what it returns."""
    with caplog.at_level(logging.DEBUG, "sqlalchemy"), sqlite_engine.connect() as connection:
        connection.execute(sa.select(sa.literal("ca") + sa.literal("nary"))).one()
    assert "SELECT" in caplog.text
    assert "canary" not in caplog.text
