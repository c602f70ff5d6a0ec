"""Durability contract: what was committed outlives the object that wrote it, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs
import pytest

from offbrand.contracts.samples import (
    AT,
    active,
    after,
    digest,
    event,
    letter,
    new_id,
    pending,
    rolled_back,
    session_of,
    shown,
    store,
    stored,
)
from offbrand.domain.errors import StaleAccount, UsernameTaken
from offbrand.domain.letters import LetterState
from offbrand.domain.values import AccountId

if TYPE_CHECKING:
    from offbrand.domain.ports import UnitOfWork


class Reopen(Protocol):
    """How a unit of work is left behind and its storage opened again, as by the next process."""

    def __call__(self) -> UnitOfWork:
        """Return another unit of work over what ``unit_of_work`` has stored."""
        ...


class DurabilityContract:
    """Needs a fixture ``unit_of_work``; without a fixture ``reopen`` of yours, it is skipped."""

    @pytest.fixture
    def reopen(self) -> Reopen:
        pytest.skip("forgets everything with the process: there is nothing to reopen")

    def test_what_was_committed_is_there_after_reopening(self, unit_of_work: UnitOfWork, reopen: Reopen) -> None:
        """Every row is what it was, in every field (L5)."""
        account, waiting = active(), letter()
        session, device, happened = session_of(account), digest(), event(account_id=account.id)
        store(unit_of_work, account, session, happened, waiting)
        with unit_of_work.writing() as tx:
            tx.devices.add(account.id, device, AT, 5)
        with reopen().writing() as tx:
            found = tx.sessions.find(session.token_digest)
            assert found is not None, "L5 broke: a session was lost by reopening"
            assert shown(found[0]) == shown(session), "L5 broke: reopening has changed a session"
            expected = attrs.evolve(account, last_seen_at=session.seen_at)
            assert shown(found[1]) == shown(expected), "L5 broke: reopening has changed an account"
            assert tx.devices.knows(account.id, device), "L5 broke: a device was lost by reopening"
            events = [shown(attrs.evolve(each, position=0)) for each in tx.events.after(0, 9)]
            assert events == [shown(happened)], "L5 broke: an event was lost or changed by reopening"
            letters = [shown(each) for each in tx.letters.lease(9, AT, after(minutes=5))]
            leased = attrs.evolve(waiting, leased_until=after(minutes=5))
            assert letters == [shown(leased)], "L5 broke: a letter was lost or changed by reopening"

    def test_what_was_not_committed_is_not_there_after_reopening(
        self, unit_of_work: UnitOfWork, reopen: Reopen
    ) -> None:
        """A block that failed has left nothing that could come to light later (L5)."""
        before, account = active(), active("bea")
        store(unit_of_work, before)
        with rolled_back(unit_of_work) as tx:
            tx.accounts.save(before.disable(AT))
            tx.accounts.add(account)
            tx.sessions.add(session_of(account), 20)
            tx.events.add(event())
            tx.letters.add(letter())
        reopened = reopen()
        assert shown(stored(reopened, before)) == shown(before), "L5 broke: a failed change is there after reopening"
        with reopened.reading() as tx:
            left = (tx.accounts.get(account.id), [*tx.sessions.of(account.id)], [*tx.events.after(0, 9)])
            assert left == (None, [], []), "L5 broke: something of a failed block is there after reopening"
            assert tx.letters.counts()[LetterState.WAITING] == 0, "L5 broke: a letter of a failed block is there"

    def test_what_guards_the_rows_survives_reopening(self, unit_of_work: UnitOfWork, reopen: Reopen) -> None:
        """Claims, versions and positions go on where they stopped (L1, L2, L5)."""
        account = active()
        store(unit_of_work, account, event(), event())
        with unit_of_work.writing() as tx:
            tx.accounts.save(account)
        reopened = reopen()
        with pytest.raises(StaleAccount), reopened.writing() as tx:
            tx.accounts.save(account)
        with pytest.raises(UsernameTaken), reopened.writing() as tx:
            tx.accounts.add(active("ANN", email=pending("bea").email))
        late = event(account_id=AccountId(new_id()))
        store(reopened, late)
        with reopened.reading() as tx:
            events = tx.events.after(0, 9)
        positions = [each.position for each in events]
        assert positions == sorted(set(positions)), f"L5 broke: after reopening the positions are {positions}"
        assert events[-1].id == late.id, "L5 broke: an event appended after reopening is not the last"
