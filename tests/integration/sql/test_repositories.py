"""Repositories in SQL: what only a database can get wrong; what they have in common with others is in the contracts."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import attrs
import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.tables import events, sessions
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.domain.errors import NotLoggedIn, StaleAccount, Unavailable
from offbrand.domain.letters import LetterKind, LetterState
from offbrand.domain.values import EmailAddress, PasswordHash
from tests.integration.sql.examples import HOUR, NOON, account, event, letter, load, session, store

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_everything_about_sessions_events_and_letters_comes_back(unit_of_work: SqlUnitOfWork) -> None:
    ann = account()
    client = {"network": "2001:db8::1", "user_agent": "Ärger 🙂" * 25}
    visit = session(ann, remembered=True, proved_at=None, **client)
    happened = event(account_id=ann.id, actor="ops", outcome="Ärztin", identifier_digest="f" * 64, **client)
    written = letter(
        kind=LetterKind.PASSWORD_RESET,
        account_id=ann.id,
        claim_email=EmailAddress("Ann@example.org"),
        generation=4,
        expires_at=NOON + HOUR,
        attempts=2,
        last_error="mailbox full",
        **client,
    )
    with unit_of_work.writing() as tx:
        tx.accounts.add(ann)
        tx.sessions.add(visit, at_most=5)
        tx.events.add(happened)
        tx.letters.add(written)
    with unit_of_work.writing() as tx:
        assert (visit, attrs.evolve(ann, last_seen_at=NOON)) == tx.sessions.find(visit.token_digest)
        assert [visit] == tx.sessions.of(ann.id)
        [found] = tx.events.of(ann.id, 5)
        assert happened == attrs.evolve(found, position=0)
        assert [attrs.evolve(written, leased_until=NOON + HOUR)] == tx.letters.lease(5, NOON, NOON + HOUR)


def test_d58_times_are_aware_and_the_same_moment_in_any_zone(unit_of_work: SqlUnitOfWork) -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    ann = account(registered_at=tokyo)
    store(unit_of_work, ann)
    assert (load(unit_of_work, ann).registered_at, load(unit_of_work, ann).registered_at.tzinfo) == (NOON, UTC)
    with unit_of_work.reading() as tx:
        assert tx.directory.due(tokyo, 5) == []


def test_d58_a_naive_time_is_refused(unit_of_work: SqlUnitOfWork) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store(unit_of_work, account(registered_at=NOON.replace(tzinfo=None)))


def test_the_database_knows_what_time_it_is(unit_of_work: SqlUnitOfWork) -> None:
    """In UTC, wherever the server thinks it stands."""
    with unit_of_work.reading() as tx:
        assert abs(tx.directory.clock() - datetime.now(UTC)) < timedelta(seconds=30)
        assert tx.directory.clock().tzinfo is UTC


def test_a_session_is_not_begun_in_an_account_that_changed_meanwhile(unit_of_work: SqlUnitOfWork) -> None:
    """Law L3: the generation read with the password hash is the one that counts."""
    ann = account()
    store(unit_of_work, ann)
    with unit_of_work.writing() as tx:
        tx.accounts.save(ann.set_password(PasswordHash("new")))
    with pytest.raises(StaleAccount), unit_of_work.writing() as tx:
        tx.sessions.add(session(ann), at_most=5)
    with unit_of_work.reading() as tx:
        assert tx.sessions.of(ann.id) == []


def test_a_session_and_a_change_of_its_account_wait_for_each_other(engine: Engine, impatient: Engine) -> None:
    """Adding a session locks the account, so that no password can be replaced behind its back."""
    ann = account()
    store(SqlUnitOfWork(engine), ann)
    with SqlUnitOfWork(engine).writing() as tx:
        tx.sessions.add(session(ann), at_most=5)
        with pytest.raises(Unavailable), SqlUnitOfWork(impatient).writing() as other:
            other.accounts.save(ann.set_password(PasswordHash("new")))
    with SqlUnitOfWork(engine).reading() as tx:
        assert tx.sessions.find("d1") is not None


def test_a_session_that_is_not_there_leaves_no_trace(unit_of_work: SqlUnitOfWork) -> None:
    """Even where the refusal is caught and the block goes on, the account was not seen."""
    ann = account()
    store(unit_of_work, ann)
    with unit_of_work.writing() as tx, pytest.raises(NotLoggedIn):
        tx.sessions.save(session(ann), "unknown")
    assert load(unit_of_work, ann).last_seen_at is None


def test_the_oldest_sessions_and_devices_beyond_the_limit_go(unit_of_work: SqlUnitOfWork) -> None:
    """No other account's; said differently on each database, as no two take a limit in the same places."""
    ann, bob = account("ann"), account("bob")
    store(unit_of_work, ann, bob)
    with unit_of_work.writing() as tx:
        for number in range(4):
            at = NOON + number * HOUR
            tx.sessions.add(session(bob, f"b{number}", began_at=at), at_most=9)
            tx.sessions.add(session(ann, f"a{number}", began_at=at), at_most=2)
            tx.devices.add(bob.id, f"d{number}", at, at_most=9)
            tx.devices.add(ann.id, f"d{number}", at, at_most=2)
        assert {row.token_digest for row in tx.sessions.of(ann.id)} == {"a2", "a3"}
        assert len(tx.sessions.of(bob.id)) == 4
        assert [tx.devices.knows(ann.id, f"d{number}") for number in range(4)] == [False, False, True, True]
        assert all(tx.devices.knows(bob.id, f"d{number}") for number in range(4))


@pytest.mark.parametrize("url", ["postgresql", "mariadb"], indirect=True)
def test_a_login_waits_for_no_session_of_another_account(engine: Engine, impatient: Engine) -> None:
    """Looking for sessions beyond the limit, MariaDB would look at, and lock, those of all accounts."""
    ann, bob = account("ann"), account("bob")
    store(SqlUnitOfWork(engine), ann, bob)
    with SqlUnitOfWork(engine).writing() as tx:
        tx.sessions.add(session(bob, "bob's"), at_most=5)
        tx.devices.add(bob.id, "bob's", NOON, at_most=5)
        with SqlUnitOfWork(impatient).writing() as other:
            other.sessions.add(session(ann, "ann's"), at_most=5)
            other.devices.add(ann.id, "ann's", NOON, at_most=5)
    with SqlUnitOfWork(engine).reading() as tx:
        assert [len(tx.sessions.of(each.id)) for each in (ann, bob)] == [1, 1]


def test_d53_a_change_of_the_account_leaves_when_it_was_seen(unit_of_work: SqlUnitOfWork) -> None:
    """Read before somebody else's visit and saved after it."""
    ann = account()
    store(unit_of_work, ann)
    with unit_of_work.writing() as tx:
        tx.sessions.add(session(ann), at_most=5)
    with unit_of_work.writing() as tx:
        tx.accounts.save(ann.set_password(PasswordHash("new")))
    assert load(unit_of_work, ann).last_seen_at == NOON


def test_a_session_needs_an_account(engine: Engine) -> None:
    """Foreign keys are on, on SQLite too."""
    row = {column.name: None for column in sessions.columns} | {
        "id": uuid.uuid4(),
        "token_digest": "d",
        "account_id": uuid.uuid4(),
        "generation": 1,
        "began_at": NOON,
        "seen_at": NOON,
        "idle_seconds": 1,
        "expires_at": NOON,
        "over_at": NOON,
        "remembered": False,
    }
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.insert(sessions).values(row))


def test_two_deliveries_lease_different_letters(engine: Engine, impatient: Engine) -> None:
    """Servers skip what another is leasing; SQLite lets one in at a time."""
    with SqlUnitOfWork(engine).writing() as tx:
        for _ in range(4):
            tx.letters.add(letter())
    first, second = SqlUnitOfWork(engine), SqlUnitOfWork(impatient)
    with first.writing() as tx:
        mine = tx.letters.lease(2, NOON, NOON + HOUR)
        if engine.dialect.name != "sqlite":
            with second.writing() as other:
                theirs = other.letters.lease(4, NOON, NOON + HOUR)
    if engine.dialect.name == "sqlite":
        with second.writing() as other:
            theirs = other.letters.lease(4, NOON, NOON + HOUR)
    assert (len(mine), len(theirs), len({row.id for row in [*mine, *theirs]})) == (2, 2, 4)


def test_a_settled_letter_is_settled_for_good(unit_of_work: SqlUnitOfWork) -> None:
    """The reply of a delivery whose lease ran out comes too late."""
    row = letter()
    with unit_of_work.writing() as tx:
        tx.letters.add(row)
        tx.letters.settle(row.sent(NOON))
        tx.letters.settle(row.dead("late"))
        assert tx.letters.counts() == dict.fromkeys(LetterState, 0) | {LetterState.SENT: 1}


def test_positions_of_events_are_never_given_twice(engine: Engine) -> None:
    unit_of_work = SqlUnitOfWork(engine)
    with unit_of_work.writing() as tx:
        tx.events.add(event())
        tx.events.add(event())
        [_, last] = tx.events.after(0, 5)
    with engine.begin() as connection:
        connection.execute(sa.delete(events).where(events.c.position == last.position))
    with unit_of_work.writing() as tx:
        tx.events.add(event())
        assert [last.position + 1] == [row.position for row in tx.events.after(last.position, 5)]


def test_sessions_are_swept_at_either_limit_to_the_microsecond(unit_of_work: SqlUnitOfWork) -> None:
    ann = account()
    store(unit_of_work, ann)
    instant = timedelta(microseconds=1)
    kept = session(ann, "kept", seen_at=NOON - HOUR + instant, expires_at=NOON + instant)
    rows = [
        kept,
        session(ann, "idle", seen_at=NOON - HOUR),
        session(ann, "expired", expires_at=NOON),
    ]
    with unit_of_work.writing() as tx:
        for row in rows:
            tx.sessions.add(row, at_most=5)
        assert (tx.directory.sweep(NOON, NOON, 5), tx.directory.sweep(NOON, NOON, 5)) == (2, 0)
        assert [kept] == tx.sessions.of(ann.id)
