"""Unit of work contract: what is kept together or not at all; with it come the contracts of all repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.contracts.accounts import AccountsContract
from offbrand.contracts.crowd import at_once, kinds
from offbrand.contracts.devices import DevicesContract
from offbrand.contracts.directory import DirectoryContract
from offbrand.contracts.durability import DurabilityContract
from offbrand.contracts.events import EventsContract
from offbrand.contracts.letters import LettersContract
from offbrand.contracts.round_trips import RoundTripsContract
from offbrand.contracts.samples import AT, active, after, digest, event, letter, session_of, store, stored
from offbrand.contracts.sessions import SessionsContract
from offbrand.domain.letters import LetterState

if TYPE_CHECKING:
    from collections.abc import Callable

    from offbrand.domain.account import Account
    from offbrand.domain.ports import Transaction, UnitOfWork

_WRITES: dict[str, Callable[[Transaction, Account], object]] = {
    "accounts.add": lambda tx, _: tx.accounts.add(active("bea")),
    "accounts.save": lambda tx, account: tx.accounts.save(account),
    "sessions.add": lambda tx, account: tx.sessions.add(session_of(account), 20),
    "devices.add": lambda tx, account: tx.devices.add(account.id, digest(), AT, 5),
    "events.add": lambda tx, _: tx.events.add(event()),
    "letters.add": lambda tx, _: tx.letters.add(letter()),
    "letters.lease": lambda tx, _: tx.letters.lease(1, AT, after(minutes=5)),
    "directory.erase": lambda tx, account: tx.directory.erase(account.id, after(days=99)),
}


class UnitOfWorkContract(
    AccountsContract,
    SessionsContract,
    DevicesContract,
    EventsContract,
    LettersContract,
    DirectoryContract,
    RoundTripsContract,
    DurabilityContract,
):
    """Override ``unit_of_work``: each test wants one over an empty database; and ``reopen`` where it outlives that."""

    @pytest.fixture
    def unit_of_work(self) -> UnitOfWork:
        raise NotImplementedError

    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt], ids=["exception", "interrupt"])
    def test_a_failed_block_leaves_nothing(self, unit_of_work: UnitOfWork, error: type[BaseException]) -> None:
        """Whatever ends a block but its own end rolls back all of it, and is raised as it is (L5, L11)."""
        before = active()
        store(unit_of_work, before)
        account, device = active("bea"), digest()
        session = session_of(account)

        def fail() -> None:
            with unit_of_work.writing() as tx:
                tx.accounts.save(before.disable(AT).enable())
                tx.accounts.add(account)
                tx.sessions.add(session, 20)
                tx.devices.add(account.id, device, AT, 5)
                tx.events.add(event())
                tx.letters.add(letter())
                raise error

        with pytest.raises(error):
            fail()
        assert stored(unit_of_work, before).version == 1, "L5 broke: a failed block has saved an account"
        with unit_of_work.reading() as tx:
            assert tx.accounts.get(account.id) is None, "L5 broke: a failed block has added an account"
            assert tx.sessions.find(session.token_digest) is None, "L5 broke: a failed block has begun a session"
            assert not tx.devices.knows(account.id, device), "L5 broke: a failed block has added a device"
            assert tx.events.after(0, 9) == [], "L5 broke: a failed block has written an event"
            assert tx.letters.counts()[LetterState.WAITING] == 0, "L5 broke: a failed block has written a letter"

    def test_a_block_sees_what_it_has_written(self, unit_of_work: UnitOfWork) -> None:
        """Within a block everything is as it will be (L5)."""
        account = active()
        session = session_of(account)
        with unit_of_work.writing() as tx:
            tx.accounts.add(account)
            tx.sessions.add(session, 20)
            tx.events.add(event(account_id=account.id))
            assert tx.accounts.claimed_by(account.username) is not None
            assert tx.sessions.find(session.token_digest) is not None
            assert len(tx.events.of(account.id, 9)) == 1

    @pytest.mark.parametrize("write", _WRITES)
    def test_a_reading_block_cannot_write(self, unit_of_work: UnitOfWork, write: str) -> None:
        """A write in a reading block raises, at once or at its end, and changes nothing (L5, L11)."""
        account = active(purge_at=after(days=3))
        store(unit_of_work, account, letter())
        with pytest.raises(RuntimeError), unit_of_work.reading() as tx:
            _WRITES[write](tx, account)
        with unit_of_work.writing() as tx:
            assert len(tx.letters.lease(9, AT, after(minutes=5))) == 1, (
                "L5 broke: a reading block has leased or written"
            )
            assert len(tx.directory.page(None, 9)) == 1, "L5 broke: a reading block has changed the accounts"
            assert (tx.events.after(0, 9), tx.sessions.of(account.id)) == ([], []), (
                "L5 broke: a reading block has written"
            )
        assert stored(unit_of_work, account).version == 1, "L5 broke: a reading block has saved an account"

    @pytest.mark.parametrize("inner", ["reading", "writing"])
    @pytest.mark.parametrize("outer", ["reading", "writing"])
    def test_blocks_do_not_nest(self, unit_of_work: UnitOfWork, outer: str, inner: str) -> None:
        """A block in a block would be a second transaction, or the first one's end; it raises instead (L5)."""
        with getattr(unit_of_work, outer)():
            with pytest.raises(RuntimeError), getattr(unit_of_work, inner)():
                pytest.fail(f"L5 broke: a {inner} block was opened in a {outer} one")
            with pytest.raises(RuntimeError), getattr(unit_of_work, inner)():
                pytest.fail(f"L5 broke: after one refusal, a {inner} block was opened in a {outer} one")
        store(unit_of_work, active())

    def test_many_may_read_and_write_at_once(self, unit_of_work: UnitOfWork) -> None:
        """Threads wait for one another instead of failing, and nothing of theirs is lost (L11, FLT-06)."""

        def work(number: int) -> None:
            for step in range(5):
                store(unit_of_work, event(outcome=f"{number}.{step}"))
                with unit_of_work.reading() as tx:
                    tx.events.after(0, 5)

        ended = kinds(at_once(8, work))
        assert ended == {"ok": 8}, f"L11 broke: eight threads ended as {ended}"
        with unit_of_work.reading() as tx:
            outcomes = {each.outcome for each in tx.events.after(0, 100)}
        assert outcomes == {f"{number}.{step}" for number in range(8) for step in range(5)}, (
            "L5 broke: a write was lost"
        )
