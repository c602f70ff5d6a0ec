"""Housekeeping: what has had its time is forgotten, in batches, and by a clock that can be trusted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from offbrand.adapters.memory import MovableClock
from offbrand.domain.errors import ClocksDiffer
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterState
from offbrand.domain.values import EmailAddress
from tests.unit.house import ADA, CLIENT, EVE, PASSWORD, STRANGER, WRONG, House, outcome_of
from tests.unit.read_committed import ReadCommitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.adapters.memory.store import MemoryTransaction
    from offbrand.domain.values import AccountId


@pytest.mark.parametrize(("seconds", "purged"), [(-1, 0), (0, 1), (1, 1)])
def test_prv_02_a_pending_account_is_purged_when_its_time_has_come(seconds: int, purged: int) -> None:
    house = House()
    house.sign_up()
    house.clock.tick(days=3, seconds=seconds)
    assert house.auth.housekeeping.purge().accounts == purged
    assert len(house.accounts()) == 1 - purged


def test_a_purge_is_recorded_and_takes_what_led_to_a_person() -> None:
    house = House()
    house.sign_up()
    (account,) = house.accounts()
    house.clock.tick(days=3)
    house.auth.housekeeping.purge()
    purged, registered = house.auth.audit.of(account.id)
    assert (purged.kind, purged.actor, purged.network) == (EventKind.PURGED, "system", None)
    assert (registered.kind, registered.network, registered.user_agent) == (EventKind.REGISTERED, None, None)
    assert sum(house.auth.delivery.status().counts.values()) == 0


def test_a_confirmed_account_stays() -> None:
    house = House()
    house.join()
    house.clock.tick(days=1000)
    assert house.auth.housekeeping.purge().accounts == 0
    assert house.account().state == "active"


def test_batches_report_their_progress() -> None:
    house = House()
    for letter in "abcdefg":
        house.sign_up(EmailAddress(f"{letter}@example.org"), letter)
    house.clock.tick(days=3)
    done: list[int] = []
    purged = house.auth.housekeeping.purge(batch=3, progress=done.append)
    assert (purged.accounts, done) == (7, [3, 3, 1])


def test_what_is_over_is_swept_and_what_is_not_stays() -> None:
    house = House()
    idle, used = house.join().session, house.log_in().session
    house.deliver()
    house.clock.tick(hours=11)
    house.auth.login.account_of(used)
    house.clock.tick(hours=2)
    counts = 3  # of the network's guesses and registrations, and the identifier
    assert house.auth.housekeeping.purge().rows == 1 + counts
    assert (house.is_logged_in(idle), house.is_logged_in(used)) == (False, True)
    assert house.auth.housekeeping.purge().rows == 0


def counted(house: House) -> list[str]:
    """Return under which kinds of keys anything is counted."""
    return sorted(key.partition(":")[0] for key in house.throttle._counts)  # noqa: SLF001 - a port has no such question


def test_prv_02_the_counts_of_a_purged_account_and_of_its_browsers_go_with_it() -> None:
    """Two of them have no window, so that no sweep finds them."""
    house = House()
    opened = house.join()
    known = attrs.evolve(CLIENT, device=opened.device)
    for client in (known, STRANGER):
        outcome_of(lambda: house.log_in(ADA, WRONG, client))  # noqa: B023
    house.join(EVE, "eve")
    outcome_of(lambda: house.log_in(EVE, WRONG, STRANGER))
    house.auth.closing.close(opened.session, client=known)
    house.clock.tick(days=13)
    house.auth.housekeeping.purge()
    assert counted(house) == ["account-in-all", "account-in-all", "device"]
    house.clock.tick(days=1)
    assert house.auth.housekeeping.purge().accounts == 1
    assert counted(house) == ["account-in-all"]


def test_what_was_guessed_at_a_registration_is_forgotten_when_it_is_discarded() -> None:
    house = House()
    token = house.register()
    outcome_of(lambda: house.auth.confirmation.complete(token, WRONG, client=CLIENT))
    house.auth.confirmation.discard(token, client=CLIENT)
    house.clock.tick(days=1)
    house.auth.housekeeping.purge()
    assert counted(house) == []


def test_a_replaced_password_forgets_what_was_counted_for_every_browser() -> None:
    """They are strangers from then on, and their counts would have nobody to belong to."""
    house = House()
    for _ in range(2):
        opened = house.join() if not house.accounts() else house.log_in()
        outcome_of(lambda: house.log_in(ADA, WRONG, attrs.evolve(CLIENT, device=opened.device)))  # noqa: B023
        house.clock.tick(days=1)
    house.auth.housekeeping.purge()
    assert counted(house) == ["device", "device"]
    house.auth.password_reset.complete(house.reset(), PASSWORD, client=CLIENT)
    house.clock.tick(days=1)
    house.auth.housekeeping.purge()
    assert counted(house) == []


def test_after_ninety_days_events_forget_who_asked_and_settled_letters_go() -> None:
    house = House()
    house.join()
    outcome_of(lambda: house.log_in(EVE, WRONG))
    house.deliver()
    house.clock.tick(days=90)
    house.sign_up(EVE, "eve")
    house.auth.housekeeping.purge()
    assert house.auth.audit.after()[0].network == CLIENT.network
    house.clock.tick(seconds=1)
    done: list[int] = []
    house.auth.housekeeping.purge(batch=1, progress=done.append)
    assert done == [2, 1, 1]
    old = [event for event in house.auth.audit.after() if event.at < house.clock.now() - timedelta(days=90)]
    assert [event.kind for event in old] == [EventKind.REGISTERED, EventKind.CONFIRMED, EventKind.LOGIN_FAILED]
    assert {(event.network, event.user_agent, event.identifier_digest) for event in old} == {(None, None, None)}
    assert house.auth.audit.after()[-1].network == CLIENT.network
    assert house.auth.delivery.status().counts[LetterState.SENT] == 0
    assert house.auth.delivery.status().counts[LetterState.WAITING] == 1


@pytest.mark.parametrize("minutes", [-5, 5])
def test_clocks_that_differ_too_much_purge_nothing(minutes: int) -> None:
    house = House()
    house.sign_up()
    house.clock.tick(days=3)
    for seconds, differs in ((0, False), (minutes / abs(minutes), True)):
        clock = MovableClock(house.clock.now() + timedelta(minutes=minutes, seconds=seconds))
        auth = house.assemble(clock=clock)
        if differs:
            with pytest.raises(ClocksDiffer) as refusal:
                auth.housekeeping.purge()
            assert refusal.value.retry_after == 60
        else:
            auth.housekeeping.purge()


@attrs.frozen
class Rescuing:
    """A directory whose accounts are confirmed by somebody else as soon as they are found to be due."""

    tx: MemoryTransaction

    def due(self, at: datetime, limit: int) -> Sequence[AccountId]:
        found = self.tx.directory.due(at, limit)
        for account_id in found:
            account = self.tx.accounts.get(account_id)
            assert account is not None
            self.tx.accounts.save(account.confirm(at))
        return found

    def __getattr__(self, name: str) -> object:
        return getattr(self.tx.directory, name)


def rescued(tx: MemoryTransaction) -> MemoryTransaction:
    """Let another commit come between finding what is due and erasing it."""
    directory: Any = Rescuing(tx)
    return attrs.evolve(tx, directory=directory)


def test_an_account_that_is_confirmed_at_the_last_moment_is_not_purged() -> None:
    house = House()
    house.sign_up()
    house.clock.tick(days=3)
    assert house.assemble(unit_of_work=ReadCommitted(house.store, rescued)).housekeeping.purge().accounts == 0
    assert house.account(ADA).state == "active"
    assert EventKind.PURGED not in house.events()


def test_a_purge_beside_a_confirmation_takes_one_side() -> None:
    house = House()
    token = house.register()
    house.clock.tick(days=3, seconds=-1)
    house.auth.confirmation.complete(token, PASSWORD, client=CLIENT)
    house.clock.tick(seconds=1)
    assert house.auth.housekeeping.purge().accounts == 0
    assert house.account(ADA).state == "active"
