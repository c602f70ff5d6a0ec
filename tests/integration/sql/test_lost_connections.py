"""Lost connections: a block that loses its own is refused and leaves nothing, and the next one gets another."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql import blocks
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.guest import adopted
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.domain.errors import StaleAccount, Unavailable
from offbrand.domain.policy import Allowance
from tests.integration.sql.examples import HOUR, NOON, account, event, letter, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

on_servers = pytest.mark.parametrize("url", ["postgresql", "mariadb"], indirect=True)
OWN_ID = {"postgresql": "SELECT pg_backend_pid()", "mariadb": "SELECT connection_id()"}
KILL = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}
READ_ONLY = {
    "sqlite": "mode=ro&uri=true",
    "postgresql": "options=-c%20default_transaction_read_only%3Don",
    "mariadb": "init_command=SET%20SESSION%20TRANSACTION%20READ%20ONLY",
}


def names(engine: Engine) -> list[str]:
    """Return the usernames of all accounts."""
    with SqlUnitOfWork(engine).reading() as tx:
        return sorted(str(row.username) for row in tx.directory.page(None, 100))


def own_id(connection: Connection) -> int:
    """Return what the server calls this connection."""
    return int(connection.exec_driver_sql(OWN_ID[connection.dialect.name]).scalar_one())


@pytest.fixture
def kill(engine: Engine) -> Iterator[Callable[[int], None]]:
    """Return what makes the server end a connection, asked over another."""
    other = make_engine(engine.url.render_as_string(hide_password=False))

    def kill(victim: int) -> None:
        with other.connect() as connection:
            connection.exec_driver_sql(KILL[other.dialect.name].format(victim))

    yield kill
    other.dispose()


def _pooled(engine: Engine, count: int) -> list[int]:
    """Fill the pool with connections; return what the server calls them."""
    with ExitStack() as held:
        return [own_id(held.enter_context(engine.connect())) for _ in range(count)]


@on_servers
@pytest.mark.parametrize("count", [1, 5])
def test_connections_that_were_lost_in_the_pool_are_replaced(
    engine: Engine, kill: Callable[[int], None], count: int
) -> None:
    """A server that was restarted overnight costs the first visitor nothing, and the others neither."""
    for victim in _pooled(engine, count):
        kill(victim)
    with ExitStack() as held:
        fresh = [own_id(held.enter_context(blocks.reading(engine))) for _ in range(count)]
    assert len(set(fresh)) == count
    store(SqlUnitOfWork(engine), account("ann"))
    assert names(engine) == ["ann"]


@on_servers
@pytest.mark.parametrize("whose", ["ours", "a host's"])
def test_l5_a_block_that_loses_its_connection_is_refused_and_leaves_nothing(
    engine: Engine, url: str, kill: Callable[[int], None], whose: str
) -> None:
    """Neither the change nor its event nor its letter, and the next block is none the worse."""
    theirs = engine if whose == "ours" else adopted(sa.create_engine(url))
    [victim] = _pooled(theirs, 1)

    def be_cut_off() -> None:
        with SqlUnitOfWork(theirs).writing() as tx:
            tx.accounts.add(account("ann"))
            tx.events.add(event())
            kill(victim)
            tx.letters.add(letter())

    with pytest.raises(Unavailable):
        be_cut_off()
    store(SqlUnitOfWork(theirs), account("bob"))
    theirs.dispose()
    with SqlUnitOfWork(engine).reading() as tx:
        assert tx.events.after(0, 5) == []
        assert sum(tx.letters.counts().values()) == 0
    assert names(engine) == ["bob"]


@on_servers
@pytest.mark.parametrize("error", [None, StaleAccount()])
def test_l11_a_block_that_loses_its_connection_at_the_end_is_no_success(
    engine: Engine, kill: Callable[[int], None], error: Exception | None
) -> None:
    """Whether it was about to commit or to roll back."""
    [victim] = _pooled(engine, 1)

    def be_cut_off() -> None:
        with SqlUnitOfWork(engine).writing() as tx:
            tx.accounts.add(account("ann"))
            kill(victim)
            if error:
                raise error

    with pytest.raises((Unavailable, StaleAccount)):
        be_cut_off()
    assert names(engine) == []


def test_l11_a_server_that_only_reads_refuses_what_writes_and_answers_what_reads(engine: Engine, url: str) -> None:
    """As one does that has become another's copy; a count that is not kept must not let a guess pass (L8)."""
    store(SqlUnitOfWork(engine), account("ann"))
    kind = engine.dialect.name
    reader = make_engine(f"{url.replace('///', '///file:') if kind == 'sqlite' else url}?{READ_ONLY[kind]}")
    with pytest.raises(Unavailable):
        store(SqlUnitOfWork(reader), account("bob"))
    with pytest.raises(Unavailable):
        SqlThrottle(reader).count([Allowance("k", 5, HOUR)], NOON)
    assert names(reader) == ["ann"]
    reader.dispose()
