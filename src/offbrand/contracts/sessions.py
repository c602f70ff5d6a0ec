"""Sessions contract: a session lives exactly as long as its row, and rows begin and move under guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.contracts.crowd import at_once, kinds
from offbrand.contracts.samples import AT, active, after, digest, new_id, pending, session_of, shown, store, stored
from offbrand.domain.errors import NotLoggedIn, StaleAccount
from offbrand.domain.values import FARTHEST_AHEAD, SessionId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.domain.account import Account
    from offbrand.domain.ports import UnitOfWork
    from offbrand.domain.session import Session


def _of(unit_of_work: UnitOfWork, account: Account) -> list[SessionId]:
    with unit_of_work.reading() as tx:
        return [session.id for session in tx.sessions.of(account.id)]


def _ids(sessions: Sequence[Session]) -> list[SessionId]:
    return [session.id for session in sessions]


class SessionsContract:
    """Needs a fixture ``unit_of_work``."""

    def test_a_session_is_found_with_its_account(self, unit_of_work: UnitOfWork) -> None:
        """One question gives the session and the account as it is now (L3)."""
        account, other = active(), active("bea")
        session = session_of(account)
        store(unit_of_work, account, other, session, session_of(other))
        with unit_of_work.reading() as tx:
            found = tx.sessions.find(session.token_digest)
            assert found is not None, "L3 broke: a session that began is not found"
            assert tx.sessions.find(digest()) is None, "L3 broke: an unknown token led to a session"
            assert tx.sessions.find("") is None, "L3 broke: no token led to a session"
        assert shown(found[0]) == shown(session), "L3 broke: the session came back changed"
        assert shown(found[1]) == shown(attrs.evolve(account, last_seen_at=AT)), (
            "L3 broke: the account is not as stored"
        )

    def test_an_accounts_sessions_are_listed_last_seen_first(self, unit_of_work: UnitOfWork) -> None:
        """The list shows an account's own sessions only (L3)."""
        account, other = active(), active("bea")
        sessions = [session_of(account, seen_at=after(minutes=minute)) for minute in (2, 3, 1)]
        store(unit_of_work, account, other, *sessions, session_of(other))
        expected = _ids([sessions[1], sessions[0], sessions[2]])
        assert _of(unit_of_work, account) == expected, "L3 broke: another order, or others' sessions"

    @pytest.mark.parametrize(
        "account",
        [pending(), active(disabled_at=AT), active(closed_at=AT), active(generation=3)],
        ids=["pending", "disabled", "closed", "changed"],
    )
    def test_no_session_begins_in_an_account_that_is_not_as_it_was(
        self, unit_of_work: UnitOfWork, account: Account
    ) -> None:
        """A session begins only if the account is active, and still of the generation that the password was of (L3)."""
        store(unit_of_work, account)
        session = session_of(account, generation=2 if account.generation > 1 else 1)
        with pytest.raises(StaleAccount), unit_of_work.writing() as tx:
            tx.sessions.add(session, 20)
        assert _of(unit_of_work, account) == [], "L3 broke: a refused session is there"
        assert stored(unit_of_work, account).last_seen_at is None, "L3 broke: a refused session was seen"

    def test_no_session_begins_in_an_account_that_is_gone(self, unit_of_work: UnitOfWork) -> None:
        """A session needs an account (L3)."""
        session = session_of(active())
        with pytest.raises(StaleAccount), unit_of_work.writing() as tx:
            tx.sessions.add(session, 20)
        with unit_of_work.reading() as tx:
            assert tx.sessions.find(session.token_digest) is None, "L3 broke: a session without an account is there"

    def test_the_oldest_sessions_end(self, unit_of_work: UnitOfWork) -> None:
        """At most so many at a time; by age and not by use, and only this account's (L3)."""
        account, other = active(), active("bea")
        sessions = [session_of(account, began_at=after(minutes=minute)) for minute in range(5)]
        sessions[0] = attrs.evolve(sessions[0], seen_at=after(hours=1))
        theirs = session_of(other, began_at=after(days=-1))
        store(unit_of_work, account, other, theirs, *sessions[:4])
        with unit_of_work.writing() as tx:
            tx.sessions.add(sessions[4], 3)
        assert set(_of(unit_of_work, account)) == set(_ids(sessions[2:])), "L3 broke: others than the oldest ended"
        assert _of(unit_of_work, other) == [theirs.id], "L3 broke: another account's session ended"

    def test_a_session_that_a_clock_ahead_has_begun_is_the_oldest(self, unit_of_work: UnitOfWork) -> None:
        """It is over for everybody, and must not end the one that has just begun in the right time (L3)."""
        account = active()
        ahead = [session_of(account, began_at=after(days=30, minutes=minute)) for minute in range(3)]
        nearly = session_of(account, began_at=after(minutes=1) + FARTHEST_AHEAD)
        store(unit_of_work, account, *ahead, nearly)
        right = [session_of(account, began_at=after(minutes=minute)) for minute in (1, 2)]
        for session in right:
            with unit_of_work.writing() as tx:
                tx.sessions.add(session, 3)
        assert set(_of(unit_of_work, account)) == set(_ids([*right, nearly])), "L3 broke: a new session ended at once"
        with unit_of_work.writing() as tx:
            tx.sessions.add(late := session_of(account, began_at=after(minutes=-1)), 1)
        assert _of(unit_of_work, account) == [late.id], "L3 broke: a new session ended at once"

    def test_a_new_session_is_mirrored_in_last_seen(self, unit_of_work: UnitOfWork) -> None:
        """Adding and saving a session mark its account as seen, and change nothing else about it (L3)."""
        account, other = active(), active("bea")
        session = session_of(account, seen_at=after(hours=1))
        store(unit_of_work, account, other, session)
        assert shown(stored(unit_of_work, account)) == shown(attrs.evolve(account, last_seen_at=after(hours=1)))
        with unit_of_work.writing() as tx:
            tx.sessions.save(session.seen(after(hours=2)), session.token_digest)
        assert shown(stored(unit_of_work, account)) == shown(attrs.evolve(account, last_seen_at=after(hours=2)))
        assert stored(unit_of_work, other).last_seen_at is None, "L3 broke: another account was seen"

    def test_a_session_moves_to_another_token(self, unit_of_work: UnitOfWork) -> None:
        """Rotation leaves one session, under the new token only, as it was saved (L3)."""
        account = active()
        session = session_of(account)
        store(unit_of_work, account, session)
        moved = session.renewed(digest(), after(minutes=1)).proved(after(minutes=1))
        moved = attrs.evolve(moved, generation=7)
        with unit_of_work.writing() as tx:
            tx.sessions.save(moved, session.token_digest)
        with unit_of_work.reading() as tx:
            assert tx.sessions.find(session.token_digest) is None, "L3 broke: the old token still works"
            found = tx.sessions.find(moved.token_digest)
            assert found is not None, "L3 broke: the new token does not work"
            assert shown(found[0]) == shown(moved), "L3 broke: the session was not saved whole"
        assert _of(unit_of_work, account) == [session.id], "L3 broke: rotation left two sessions"

    def test_what_was_ended_stays_ended(self, unit_of_work: UnitOfWork) -> None:
        """Saving a session that is not there refuses, and brings nothing back (L3)."""
        account = active()
        session = session_of(account)
        store(unit_of_work, account, session)
        with unit_of_work.writing() as tx:
            tx.sessions.remove(session.id, account.id)
        for saved in (session.seen(after(minutes=2)), session.renewed(digest(), after(minutes=2))):
            with pytest.raises(NotLoggedIn), unit_of_work.writing() as tx:
                tx.sessions.save(saved, session.token_digest)
        assert _of(unit_of_work, account) == [], "L3 broke: an ended session is back"
        seen = stored(unit_of_work, account).last_seen_at
        assert seen == AT, "L3 broke: a refused visit was mirrored"

    def test_a_session_is_ended_by_its_own_account_only(self, unit_of_work: UnitOfWork) -> None:
        """Ending needs the id and the account; it says whether there was one (L3)."""
        account, other = active(), active("bea")
        session = session_of(account)
        store(unit_of_work, account, other, session)
        with unit_of_work.writing() as tx:
            assert not tx.sessions.remove(session.id, other.id), "L3 broke: a stranger ended a session"
            assert not tx.sessions.remove(SessionId(new_id()), account.id)
        assert _of(unit_of_work, account) == [session.id], "L3 broke: a stranger ended a session"
        with unit_of_work.writing() as tx:
            assert tx.sessions.remove(session.id, account.id)
            assert not tx.sessions.remove(session.id, account.id), "L3 broke: a session ended twice"
        assert _of(unit_of_work, account) == [], "L3 broke: an ended session is still there"

    def test_all_sessions_end_but_the_one_kept(self, unit_of_work: UnitOfWork) -> None:
        """Ending all tells how many there were, and leaves other accounts alone (L3)."""
        account, other = active(), active("bea")
        sessions = [session_of(account) for _ in range(3)]
        theirs = session_of(other)
        store(unit_of_work, account, other, *sessions, theirs)
        with unit_of_work.writing() as tx:
            assert tx.sessions.remove_all(account.id, keep=sessions[1].id) == 2
        assert _of(unit_of_work, account) == [sessions[1].id], "L3 broke: not the kept session alone is left"
        with unit_of_work.writing() as tx:
            assert tx.sessions.remove_all(account.id, keep=theirs.id) == 1
            assert tx.sessions.remove_all(account.id) == 0
        assert _of(unit_of_work, account) == [], "L3 broke: a session is left"
        assert _of(unit_of_work, other) == [theirs.id], "L3 broke: another account's session ended"

    def test_one_of_many_rotations_wins(self, unit_of_work: UnitOfWork) -> None:
        """Of rotations that all began from one token exactly one is kept; the others are not logged in (L3)."""
        account = active()
        session = session_of(account)
        store(unit_of_work, account, session)

        def rotate(number: int) -> None:
            with unit_of_work.writing() as tx:
                tx.sessions.save(session.renewed(digest(), after(seconds=number)), session.token_digest)

        ended = kinds(at_once(8, rotate))
        assert ended == {"ok": 1, "NotLoggedIn": 7}, f"L3 broke: eight rotations of one token ended as {ended}"
        assert _of(unit_of_work, account) == [session.id], "L3 broke: rotations have multiplied the session"

    def test_many_logins_at_once_keep_to_the_limit(self, unit_of_work: UnitOfWork) -> None:
        """However many log in at once, at most so many sessions are left (L3)."""
        account = active()
        store(unit_of_work, account)

        def log_in(number: int) -> None:
            with unit_of_work.writing() as tx:
                tx.sessions.add(session_of(account, began_at=after(seconds=number)), 3)

        ended = kinds(at_once(8, log_in))
        assert ended == {"ok": 8}, f"L3 broke: eight logins at once ended as {ended}"
        left = len(_of(unit_of_work, account))
        assert left == 3, f"L3 broke: of eight sessions {left} are left where 3 may be"

    def test_no_login_slips_past_a_change(self, unit_of_work: UnitOfWork) -> None:
        """Who logs in while the account is shut has no session afterwards, whoever came first (L3)."""
        for _ in range(10):
            account = active(f"ann{new_id().int}")
            store(unit_of_work, account)

            def act(number: int, account: Account = account) -> None:
                with unit_of_work.writing() as tx:
                    if number:
                        tx.sessions.add(session_of(account), 20)
                        return
                    current = tx.accounts.get(account.id)
                    assert current is not None
                    tx.accounts.save(current.disable(AT))
                    tx.sessions.remove_all(account.id)

            results = at_once(3, act)
            assert results[0] is None, f"L3 broke: shutting an account raised {results[0]!r}"
            assert set(kinds(results)) <= {"ok", "StaleAccount"}, f"L3 broke: logins ended as {kinds(results)}"
            assert _of(unit_of_work, account) == [], "L3 broke: a session has outlived the shutting of its account"
