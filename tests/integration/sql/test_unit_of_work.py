"""The unit of work in SQL: blocks are transactions, locks are taken early, and trouble becomes a refusal."""

from __future__ import annotations

import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.domain.errors import Unavailable
from tests.integration.sql.examples import account, event, store

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from offbrand.domain.account import Account


def names(engine: Engine) -> list[str]:
    """Return the usernames of all accounts."""
    with SqlUnitOfWork(engine).reading() as tx:
        return sorted(str(row.username) for row in tx.directory.page(None, 100))


def test_a_clean_exit_commits(engine: Engine) -> None:
    store(SqlUnitOfWork(engine), account("ann"), account("bob"))
    assert names(engine) == ["ann", "bob"]


def test_an_exception_passes_and_rolls_back(engine: Engine) -> None:
    def fail() -> None:
        with SqlUnitOfWork(engine).writing() as tx:
            tx.accounts.add(account())
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert names(engine) == []


def test_a_reading_block_cannot_write_and_spoils_nothing(engine: Engine) -> None:
    """What stops the write belongs to the block: the connection goes back to the pool fit for writing."""
    unit_of_work = SqlUnitOfWork(engine)
    with pytest.raises(RuntimeError, match="reading block has written"), unit_of_work.reading() as tx:
        tx.accounts.add(account("ann"))
    with pytest.raises(LookupError), unit_of_work.reading():
        raise LookupError
    store(unit_of_work, account("bob"))
    assert names(engine) == ["bob"]


@pytest.mark.parametrize("outer", ["reading", "writing"])
@pytest.mark.parametrize("inner", ["reading", "writing"])
def test_blocks_do_not_nest(sqlite_engine: Engine, outer: str, inner: str) -> None:
    unit_of_work = SqlUnitOfWork(sqlite_engine)
    with getattr(unit_of_work, outer)():
        with pytest.raises(RuntimeError, match="do not nest"), getattr(unit_of_work, inner)():
            pass
        with pytest.raises(RuntimeError, match="slow work"):
            unit_of_work.assert_idle()
    unit_of_work.assert_idle()
    with getattr(unit_of_work, inner)():
        pass


def test_another_thread_may_read_while_one_writes(engine: Engine) -> None:
    """Nobody sees what is not committed, and nobody waits to read."""
    unit_of_work = SqlUnitOfWork(engine)
    with ThreadPoolExecutor() as pool:
        with unit_of_work.writing() as tx:
            tx.accounts.add(account())
            assert pool.submit(names, engine).result() == []
        assert pool.submit(names, engine).result() == ["ann"]


def test_writing_takes_the_lock_of_sqlite_at_once(sqlite_engine: Engine) -> None:
    """A deferred BEGIN would let both in, and fail one of them in the middle of its work."""
    impatient = make_engine(sqlite_engine.url.render_as_string(), busy_timeout=0.05)
    with SqlUnitOfWork(sqlite_engine).writing():
        with pytest.raises(Unavailable) as refused, SqlUnitOfWork(impatient).writing():
            pass
        assert names(impatient) == []
    assert refused.value.retry_after == 5
    with SqlUnitOfWork(impatient).writing():
        pass
    impatient.dispose()


@pytest.mark.parametrize("begins", [True, False])
def test_an_engine_of_the_host_takes_the_lock_as_well(sqlite_url: str, begins: bool) -> None:  # noqa: FBT001 - a parameter
    """Whether its connections begin by the driver's rules or by the host's own hook, as SQLAlchemy recommends."""
    engine = sa.create_engine(sqlite_url)
    if begins:

        @sa.event.listens_for(engine, "begin")
        def begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    impatient = make_engine(sqlite_url, busy_timeout=0.05)
    with SqlUnitOfWork(engine).writing() as tx:
        tx.accounts.add(account())
        with pytest.raises(Unavailable), SqlUnitOfWork(impatient).writing():
            pass
    assert ["ann"] == names(impatient) == names(engine)
    engine.dispose()
    impatient.dispose()


def test_an_account_that_is_read_to_be_written_is_locked(engine: Engine, impatient: Engine) -> None:
    """What is decided is what is saved: a second decision waits, and is refused when it has waited long enough."""
    ann = account()
    store(SqlUnitOfWork(engine), ann)
    with SqlUnitOfWork(engine).writing() as tx:
        assert tx.accounts.get(ann.id) == ann
        with pytest.raises(Unavailable), SqlUnitOfWork(impatient).writing() as other:
            other.accounts.get(ann.id)
    with SqlUnitOfWork(impatient).writing() as other:
        assert other.accounts.get(ann.id) == ann


@pytest.mark.parametrize("url", ["postgresql", "mariadb"], indirect=True)
def test_a_deadlock_is_a_refusal_for_one_of_two(engine: Engine) -> None:
    """Law L11: a deadlock is never a traceback."""
    ann, bob = account("ann"), account("bob")
    store(SqlUnitOfWork(engine), ann, bob)
    both_hold_one = threading.Barrier(2)
    unit_of_work = SqlUnitOfWork(engine)

    def lock(first: Account, second: Account) -> str:
        try:
            with unit_of_work.writing() as tx:
                tx.accounts.get(first.id)
                both_hold_one.wait()
                tx.accounts.get(second.id)
        except Unavailable:
            return "refused"
        return "done"

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(lock, [ann, bob], [bob, ann])) == ["done", "refused"]


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://ann:s3cret@127.0.0.1:1/x", "mariadb+pymysql://ann:s3cret@127.0.0.1:1/x"]
)
def test_a_server_that_does_not_answer_is_a_refusal(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """The operator's log names the trouble; neither it nor the refusal names the password (law L9)."""
    engine = make_engine(url)
    with pytest.raises(Unavailable) as refused, SqlUnitOfWork(engine).reading():
        pass
    assert "OperationalError" in caplog.text
    assert "s3cret" not in caplog.text + "".join(traceback.format_exception(refused.value))


def test_a_pool_without_a_free_place_is_a_refusal() -> None:
    engine = make_engine("sqlite://", busy_timeout=0.05)
    with (
        SqlUnitOfWork(engine).reading(),
        pytest.raises(Unavailable),
        SqlUnitOfWork(engine).reading(),
    ):
        pass
    engine.dispose()


def test_a_statement_that_is_refused_shows_none_of_its_values(engine: Engine) -> None:
    """Law L9: neither the error nor what caused it, for a log prints both."""
    twice = event(outcome="hunter2-hunter2")
    with SqlUnitOfWork(engine).writing() as tx:
        tx.events.add(twice)
    with pytest.raises(RuntimeError) as refused, SqlUnitOfWork(engine).writing() as tx:
        tx.events.add(twice)
    shown = "".join(traceback.format_exception(refused.value))
    assert "refused a statement" in shown
    assert "hunter2" not in shown
    assert str(twice.id) not in shown
    assert twice.id.hex not in shown


def test_a_database_without_tables_says_so(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(RuntimeError, match="schema"):
        names(engine)
    engine.dispose()
