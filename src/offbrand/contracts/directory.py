"""Directory contract: all accounts, page by page, and what is forgotten when its time has come."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.contracts.samples import AT, active, after, digest, event, letter, new_id, pending, session_of, store
from offbrand.domain.letters import LetterState
from offbrand.domain.values import AccountId

if TYPE_CHECKING:
    from uuid import UUID

    from offbrand.domain.account import Account
    from offbrand.domain.events import Event
    from offbrand.domain.ports import UnitOfWork

_CLIENT = {"network": "192.0.2.1", "user_agent": "a browser", "identifier_digest": "0" * 64}


def _due(unit_of_work: UnitOfWork, limit: int = 100) -> list[UUID]:
    with unit_of_work.reading() as tx:
        return [*tx.directory.due(AT, limit)]


def _erase(unit_of_work: UnitOfWork, account: Account) -> bool:
    with unit_of_work.writing() as tx:
        return tx.directory.erase(account.id, AT)


def _sweep(unit_of_work: UnitOfWork, limit: int = 100) -> int:
    with unit_of_work.writing() as tx:
        return tx.directory.sweep(AT, after(days=-90), limit)


def _client_of(event: Event) -> dict[str, str | None]:
    return {name: getattr(event, name) for name in _CLIENT}


class DirectoryContract:
    """Needs a fixture ``unit_of_work``."""

    def test_accounts_are_listed_page_by_page(self, unit_of_work: UnitOfWork) -> None:
        """In the order of their ids, whatever their state, each exactly once."""
        accounts = [pending(), active(), active("bea", closed_at=AT), pending(), active("cy", disabled_at=AT)]
        store(unit_of_work, *accounts[::-1])
        pages: list[list[UUID]] = []
        last = None
        for _ in range(4):
            with unit_of_work.reading() as tx:
                pages.append([account.id for account in tx.directory.page(last, 2)])
            last = AccountId(pages[-1][-1]) if pages[-1] else last
        ids = [account.id for account in accounts]
        assert pages == [ids[:2], ids[2:4], ids[4:], []], "the pages do not hold each account once, in order"

    def test_accounts_are_due_from_their_moment_on(self, unit_of_work: UnitOfWork) -> None:
        """An account is purged no microsecond before its time, and never without one (L1)."""
        early, now, late = (pending(purge_at=AT + timedelta(microseconds=microsecond)) for microsecond in (-1, 0, 1))
        store(unit_of_work, early, now, late, active())
        assert set(_due(unit_of_work)) == {early.id, now.id}, (
            "L1 broke: other accounts are due than those past their time"
        )
        assert len(_due(unit_of_work, limit=1)) == 1

    def test_erasing_an_account_erases_what_leads_to_it(self, unit_of_work: UnitOfWork) -> None:
        """Sessions, devices and letters go; events stay without client data; others' things stay (L1, L9, PRV-01)."""
        account, other = active(purge_at=AT), active("bea")
        session, theirs = session_of(account), session_of(other)
        device = digest()
        store(unit_of_work, account, other, session, theirs)
        store(unit_of_work, *(event(account_id=each.id, **_CLIENT) for each in (account, other)))
        store(unit_of_work, letter(account_id=account.id), letter(account_id=other.id), letter(account_id=None))
        with unit_of_work.writing() as tx:
            tx.devices.add(account.id, device, AT, 5)
            tx.devices.add(other.id, device, AT, 5)
        assert _erase(unit_of_work, account), "L1 broke: an account that is due was not erased"
        with unit_of_work.reading() as tx:
            left = (tx.accounts.get(account.id), tx.sessions.find(session.token_digest), tx.sessions.of(account.id))
            assert left == (None, None, []), "L1 broke: something of an erased account is left"
            assert not tx.devices.knows(account.id, device), "L1 broke: a device of an erased account is left"
            (mine,), (yours,) = tx.events.of(account.id, 9), tx.events.of(other.id, 9)
            assert _client_of(mine) == dict.fromkeys(_CLIENT), "L9 broke: an erased account's client data is left"
            assert _client_of(yours) == _CLIENT, "another account's event was touched"
            assert tx.letters.counts()[LetterState.WAITING] == 2, "L1 broke: not this account's letters alone are gone"
            kept = (tx.sessions.find(theirs.token_digest) is not None, tx.devices.knows(other.id, device))
            assert kept == (True, True), "another account's session or device is gone"

    def test_an_erased_account_frees_its_claims(self, unit_of_work: UnitOfWork) -> None:
        """After the purge somebody else may have address and username (L1)."""
        account = active(purge_at=AT)
        store(unit_of_work, account)
        _erase(unit_of_work, account)
        store(unit_of_work, active())

    @pytest.mark.parametrize("change", [{"purge_at": None}, {"purge_at": after(seconds=1)}], ids=["never", "later"])
    def test_what_is_not_due_any_more_is_not_erased(self, unit_of_work: UnitOfWork, change: dict[str, object]) -> None:
        """An account confirmed or reopened after it was listed as due is looked at again, and stays (L1)."""
        account = pending(purge_at=AT)
        store(unit_of_work, account, letter(account_id=account.id), event(account_id=account.id, **_CLIENT))
        assert _due(unit_of_work) == [account.id]
        with unit_of_work.writing() as tx:
            tx.accounts.save(attrs.evolve(account, **change))  # type: ignore[arg-type] # the same fields in a table
        assert not _erase(unit_of_work, account), "L1 broke: an account was erased that is not due any more"
        with unit_of_work.reading() as tx:
            assert tx.accounts.get(account.id) is not None
            assert tx.letters.counts()[LetterState.WAITING] == 1
            assert _client_of(tx.events.of(account.id, 1)[0]) == _CLIENT

    def test_what_is_gone_is_not_erased_again(self, unit_of_work: UnitOfWork) -> None:
        """Two purges at once erase, and record, each account once."""
        account = pending(purge_at=AT)
        store(unit_of_work, account)
        assert (_erase(unit_of_work, account), _erase(unit_of_work, account)) == (True, False)
        assert not _erase(unit_of_work, pending(id=AccountId(new_id())))

    def test_ended_sessions_are_swept(self, unit_of_work: UnitOfWork) -> None:
        """Sessions past either limit go, and no other (L3)."""
        account = active()
        idle, old = session_of(account, seen_at=after(hours=-12)), session_of(account, expires_at=AT)
        alive = session_of(account, seen_at=after(hours=-12, microseconds=1), expires_at=after(microseconds=1))
        store(unit_of_work, account, idle, old, alive)
        assert _sweep(unit_of_work) == 2, "L3 broke: not the ended sessions alone were swept"
        with unit_of_work.reading() as tx:
            assert [session.id for session in tx.sessions.of(account.id)] == [alive.id]
        assert _sweep(unit_of_work) == 0, "a sweep does not come to an end"

    def test_old_settled_letters_are_swept(self, unit_of_work: UnitOfWork) -> None:
        """Letters that were settled long ago go; young ones stay, and so does what still waits, however old (L5)."""
        old = [letter(written_at=after(days=-99), due_at=after(days=-99)) for _ in range(3)]
        young = letter(due_at=after(days=-1))
        store(unit_of_work, *old, young)
        with unit_of_work.writing() as tx:
            leased = {each.id: each for each in tx.letters.lease(9, AT, after(minutes=5))}
            tx.letters.settle(leased[old[0].id].sent(after(days=-98)))
            tx.letters.settle(leased[old[1].id].void())
            tx.letters.settle(leased[young.id].sent(after(days=-1)))
        assert _sweep(unit_of_work) == 2
        with unit_of_work.reading() as tx:
            counts = tx.letters.counts()
        expected = dict.fromkeys(LetterState, 0) | {LetterState.WAITING: 1, LetterState.SENT: 1}
        assert counts == expected, f"L5 broke: after the sweep the letters are {counts}"
        assert _sweep(unit_of_work) == 0, "a sweep does not come to an end"

    def test_old_events_lose_their_client(self, unit_of_work: UnitOfWork) -> None:
        """Events stay for ever, and who was behind them for the retention only (L9, PRV-02)."""
        written = [event(at=after(days=days), **_CLIENT) for days in (-91, -89)]
        store(unit_of_work, *written, event(at=after(days=-91)))
        assert _sweep(unit_of_work) == 1, "L9 broke: not the old events with client data alone were swept"
        with unit_of_work.reading() as tx:
            events = tx.events.after(0, 9)
        clients = [_client_of(each) for each in events]
        bare = dict.fromkeys(_CLIENT)
        assert clients == [bare, _CLIENT, bare], "L9 broke: not the old events' client data was erased"
        assert _sweep(unit_of_work) == 0, "a sweep does not come to an end"

    def test_a_sweep_is_bounded(self, unit_of_work: UnitOfWork) -> None:
        """Housekeeping works in batches beside live traffic, until nothing is left."""
        account = active()
        store(unit_of_work, account, *(session_of(account, expires_at=AT) for _ in range(3)))
        store(unit_of_work, *(event(at=after(days=-91), **_CLIENT) for _ in range(3)))
        met = [_sweep(unit_of_work, limit=2) for _ in range(3)]
        assert met == [4, 2, 0], f"three sweeps of two rows each met {met}"

    def test_the_database_tells_the_time(self, unit_of_work: UnitOfWork) -> None:
        """The database's clock is aware and in UTC, to be compared with this machine's (L11)."""
        with unit_of_work.reading() as tx:
            now = tx.directory.clock()
        assert now.utcoffset() == timedelta(0), f"the database's clock gave {now!r}"
