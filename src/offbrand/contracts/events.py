"""Events contract: an append-only log whose positions order it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from offbrand.contracts.crowd import at_once
from offbrand.contracts.samples import event, new_id, rolled_back, store
from offbrand.domain.values import AccountId

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from offbrand.domain.events import Event
    from offbrand.domain.ports import UnitOfWork


def _after(unit_of_work: UnitOfWork, position: int = 0, limit: int = 1000) -> Sequence[Event]:
    with unit_of_work.reading() as tx:
        return tx.events.after(position, limit)


def _ids(events: Sequence[Event]) -> list[UUID]:
    return [event.id for event in events]


class EventsContract:
    """Needs a fixture ``unit_of_work``."""

    def test_events_stand_in_the_order_of_their_positions(self, unit_of_work: UnitOfWork) -> None:
        """The repository numbers events as they are appended, whatever position they bring along (L5)."""
        written = [event(position=position) for position in (7, 7, 0)]
        store(unit_of_work, *written[:2])
        store(unit_of_work, written[2])
        events = _after(unit_of_work)
        positions = [each.position for each in events]
        assert _ids(events) == _ids(written), "L5 broke: events are not in the order in which they were added"
        assert positions == sorted(set(positions)), f"L5 broke: the positions {positions} do not rise"
        assert positions[0] > 0, "L5 broke: position 0 is before the first event"

    def test_a_reader_goes_on_where_it_stopped(self, unit_of_work: UnitOfWork) -> None:
        """``after`` returns what comes after a position, the oldest first, and no more than asked for (L5)."""
        written = [event() for _ in range(5)]
        store(unit_of_work, *written)
        first = _after(unit_of_work, limit=2)
        then = _after(unit_of_work, first[-1].position, 2)
        rest = _after(unit_of_work, then[-1].position)
        assert _ids([*first, *then, *rest]) == _ids(written), "L5 broke: a reader met events twice, or missed some"
        assert _after(unit_of_work, rest[-1].position) == [], "L5 broke: there are events after the last"

    def test_an_accounts_last_events_come_newest_first(self, unit_of_work: UnitOfWork) -> None:
        """``of`` returns the last events of one account (L5)."""
        account_id = AccountId(new_id())
        own = [event(account_id=account_id) for _ in range(4)]
        store(unit_of_work, own[0], event(account_id=AccountId(new_id())), *own[1:], event())
        with unit_of_work.reading() as tx:
            assert _ids(tx.events.of(account_id, 100)) == _ids(own[::-1]), "L5 broke: others' events, or another order"
            assert _ids(tx.events.of(account_id, 2)) == _ids([own[3], own[2]]), "L5 broke: not the last events"
            assert tx.events.of(AccountId(new_id()), 100) == []

    def test_the_last_events_of_all_come_newest_first(self, unit_of_work: UnitOfWork) -> None:
        """``newest`` returns them whosever they are (L5)."""
        written = [event(account_id=AccountId(new_id())), event(), event()]
        with unit_of_work.reading() as tx:
            assert tx.events.newest(1) == []
        store(unit_of_work, *written)
        with unit_of_work.reading() as tx:
            assert _ids(tx.events.newest(100)) == _ids(written[::-1]), "L5 broke: events are missing, or out of order"
            assert _ids(tx.events.newest(2)) == _ids([written[2], written[1]]), "L5 broke: not the last events"

    def test_an_event_of_a_failed_change_never_happened(self, unit_of_work: UnitOfWork) -> None:
        """Events are kept with the change that they tell of (L5)."""
        kept = event()
        with rolled_back(unit_of_work) as tx:
            tx.events.add(event())
        store(unit_of_work, kept)
        assert _ids(_after(unit_of_work)) == [kept.id], "L5 broke: an event was kept without its change"

    def test_a_reader_misses_nothing_that_is_written_beside_it(self, unit_of_work: UnitOfWork) -> None:
        """An event never appears before a position that was read already, however long its block lasts (L5)."""
        slow, quick = event(), event()
        added, read = threading.Event(), threading.Event()

        def write_slowly() -> list[Event]:
            with unit_of_work.writing() as tx:
                tx.events.add(slow)
                added.set()
                # Where blocks or readers wait for one another, this one has to end first.
                read.wait(timeout=0.1)
            return []

        def write_quickly_and_read() -> list[Event]:
            added.wait()
            store(unit_of_work, quick)
            events = _after(unit_of_work)
            read.set()
            return [*events]

        _, first = at_once(2, lambda number: (write_slowly, write_quickly_and_read)[number]())
        assert isinstance(first, list), f"L5 broke: writing beside another raised {first!r}"
        then = _after(unit_of_work, first[-1].position)
        missed = {slow.id, quick.id} - {*_ids(first), *_ids(then)}
        assert missed == set(), "L5 broke: an event was committed before a position that had been read already"
