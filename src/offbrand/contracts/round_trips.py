"""Round trips contract: every field of every entity comes back as it was stored, to the letter and the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs
from hypothesis import HealthCheck, assume, given, settings

from offbrand.contracts import strategies
from offbrand.contracts.samples import AT, active, rolled_back, shown
from offbrand.domain.values import Username

if TYPE_CHECKING:
    from offbrand.domain.account import Account
    from offbrand.domain.events import Event
    from offbrand.domain.letters import Letter
    from offbrand.domain.ports import UnitOfWork
    from offbrand.domain.session import Session

_LATE = datetime(2500, 1, 1, tzinfo=UTC)
# Each example rolls back, so that all of a test may share one unit of work, and subclasses share the test.
_shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors])


class RoundTripsContract:
    """Needs a fixture ``unit_of_work``."""

    @_shared
    @given(account=strategies.accounts())
    def test_an_account_comes_back_whole(self, unit_of_work: UnitOfWork, account: Account) -> None:
        """Adding loses nothing, and no lookup gives less than another (L5)."""
        with rolled_back(unit_of_work) as tx:
            tx.accounts.add(account)
            found = [tx.accounts.get(account.id), *tx.directory.page(None, 1)]
            if account.is_pending:
                found.append(tx.accounts.newest_pending(account.email))
            else:
                found += [tx.accounts.claimed_by(account.email), tx.accounts.claimed_by(account.username)]
        for each in found:
            assert each is not None, "L5 broke: an account is not found that was added"
            assert shown(each) == shown(account), "L5 broke: an account came back changed"

    @_shared
    @given(before=strategies.accounts(), after=strategies.accounts())
    def test_saving_replaces_every_field(self, unit_of_work: UnitOfWork, before: Account, after: Account) -> None:
        """A save keeps all of the account that it is given, and counts one version (L5)."""
        saved = attrs.evolve(after, id=before.id, version=before.version, registered_at=before.registered_at)
        saved = attrs.evolve(saved, avatar_id=before.avatar_id)  # both are given once and for all
        with rolled_back(unit_of_work) as tx:
            tx.accounts.add(before)
            tx.accounts.save(saved)
            found = tx.accounts.get(before.id)
        assert found is not None
        expected = shown(attrs.evolve(saved, version=before.version + 1))
        assert shown(found) == expected, "L5 broke: a saved account came back changed"

    @_shared
    @given(session=strategies.sessions(), later=strategies.sessions())
    def test_a_session_comes_back_whole(self, unit_of_work: UnitOfWork, session: Session, later: Session) -> None:
        """Adding loses nothing, nor does saving what a session can change (L3)."""
        account = active(generation=session.generation)
        session = attrs.evolve(session, account_id=account.id)
        moved = attrs.evolve(
            session,
            token_digest=later.token_digest,
            generation=later.generation,
            seen_at=later.seen_at,
            proved_at=later.proved_at,
        )
        with rolled_back(unit_of_work) as tx:
            tx.accounts.add(account)
            tx.sessions.add(session, 20)
            found = [tx.sessions.find(session.token_digest), (tx.sessions.of(account.id)[0], account)]
            tx.sessions.save(moved, session.token_digest)
            found_later = tx.sessions.find(later.token_digest)
        for each in found:
            assert each is not None
            assert shown(each[0]) == shown(session), "L3 broke: a session came back changed"
        assert found_later is not None
        assert shown(found_later[0]) == shown(moved), "L3 broke: a saved session came back changed"
        assert found_later[1].last_seen_at == later.seen_at, "L3 broke: the account's last_seen_at is another"

    @_shared
    @given(event=strategies.events())
    def test_an_event_comes_back_whole(self, unit_of_work: UnitOfWork, event: Event) -> None:
        """Appending loses nothing but the position that the event brought along (L5)."""
        with rolled_back(unit_of_work) as tx:
            tx.events.add(event)
            found = [*tx.events.after(0, 1)]
            if event.account_id is not None:
                found += tx.events.of(event.account_id, 1)
        for each in found:
            assert shown(attrs.evolve(each, position=0)) == shown(event), "L5 broke: an event came back changed"

    @_shared
    @given(letter=strategies.letters())
    def test_a_letter_comes_back_whole(self, unit_of_work: UnitOfWork, letter: Letter) -> None:
        """What a link will say is what was fixed when the letter was written (L2, L5)."""
        with rolled_back(unit_of_work) as tx:
            tx.letters.add(letter)
            (found,) = tx.letters.lease(1, AT.replace(year=2450), _LATE)
        expected = attrs.evolve(letter, leased_until=_LATE)
        assert shown(found) == shown(expected), "L5 broke: a letter came back changed"
        assert found.claim == expected.claim, "L2 broke: its link says something else now"

    @_shared
    @given(one=strategies.usernames(), other=strategies.usernames())
    def test_two_usernames_are_one_only_by_their_keys(
        self, unit_of_work: UnitOfWork, one: Username, other: Username
    ) -> None:
        """No collation finds more than is equal, or less (L1)."""
        assume(one.text.casefold() != other.text.casefold())
        account = active(username=one)
        with rolled_back(unit_of_work) as tx:
            tx.accounts.add(account)
            found = [tx.accounts.claimed_by(Username(text)) for text in (one.key, one.text, other.text)]
        ids = [each.id if each else None for each in found]
        assert ids == [account.id, account.id, None], f"L1 broke: {one} and {other} are confused"
