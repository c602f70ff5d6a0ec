"""Sweeping beside live traffic: a purge waits for nobody who writes, and leaves what they hold for the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql import blocks
from offbrand.adapters.sql.tables import events, letters, sessions
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.domain.policy import Allowance
from tests.integration.sql.examples import HOUR, NOON, account, event, letter, session

if TYPE_CHECKING:
    from sqlalchemy import Column, Engine

on_servers = pytest.mark.parametrize("url", ["postgresql", "mariadb"], indirect=True)
LATER = NOON + 3 * HOUR


def sweep(engine: Engine) -> int:
    """Sweep once; return how much that was."""
    with SqlUnitOfWork(engine).writing() as tx:
        return tx.directory.sweep(LATER, LATER, 100)


@pytest.fixture
def litter(engine: Engine) -> None:
    """Leave two rows of each kind that have had their time."""
    ann = account()
    with SqlUnitOfWork(engine).writing() as tx:
        tx.accounts.add(ann)
        for number in range(2):
            tx.sessions.add(session(ann, f"d{number}"), at_most=5)
            tx.events.add(event(network="192.0.2.1"))
            sent = letter()
            tx.letters.add(sent)
            tx.letters.settle(sent.sent(NOON))


@on_servers
@pytest.mark.usefixtures("litter")
@pytest.mark.parametrize("key", [sessions.c.id, events.c.position, letters.c.id], ids=str)
def test_a_sweep_passes_over_what_somebody_is_writing(engine: Engine, impatient: Engine, key: Column[object]) -> None:
    """It holds many rows by then, which others want in another order."""
    with blocks.writing(engine) as connection:
        connection.execute(sa.select(key).order_by(key).limit(1).with_for_update())
        assert (sweep(impatient), sweep(impatient)) == (5, 0)
    assert (sweep(impatient), sweep(impatient)) == (1, 0)


@on_servers
def test_a_sweep_of_counts_passes_over_those_that_are_being_counted(engine: Engine, impatient: Engine) -> None:
    throttle = SqlThrottle(impatient)
    throttle.count([Allowance("a", 5, HOUR), Allowance("b", 5, HOUR)], NOON)
    with blocks.writing(engine) as connection:
        connection.exec_driver_sql("UPDATE offbrand_throttle SET attempts = 2 WHERE offbrand_throttle.key = 'a'")
        assert throttle.sweep(LATER) == 1
    assert throttle.sweep(LATER) == 1


@on_servers
@pytest.mark.usefixtures("litter")
def test_nobody_new_waits_for_a_sweep(engine: Engine, impatient: Engine) -> None:
    """While a batch is open, people go on registering and logging in, and their letters are leased."""
    ann, other = account("bob"), SqlUnitOfWork(impatient)
    with SqlUnitOfWork(engine).writing() as tx:
        assert tx.directory.sweep(LATER, LATER, 100) == 6
        with other.writing() as meanwhile:
            meanwhile.accounts.add(ann)
            meanwhile.sessions.add(session(ann, "new"), at_most=5)
            meanwhile.events.add(event())
            meanwhile.letters.add(letter())
            assert len(meanwhile.letters.lease(5, NOON, LATER)) == 1
    assert sweep(impatient) == 1  # the new session, which has had its time by then
