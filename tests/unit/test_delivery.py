"""Delivery: every letter leaves or ends visibly, once, and after the change that caused it is safe (law L5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.domain.errors import MailDelayed, Unavailable
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind, LetterState
from tests.unit.house import ADA, CLIENT, EVE, GRACE, NEW_ADA, NEW_PASSWORD, PASSWORD, House

if TYPE_CHECKING:
    from collections.abc import Callable

    from offbrand.domain.letters import ReadyLetter


@attrs.frozen
class Courier:
    """A mailer that does *errand* with every letter before it keeps it."""

    house: House
    errand: Callable[[ReadyLetter], object]

    def send(self, letter: ReadyLetter) -> None:
        self.errand(letter)
        self.house.mailbox.send(letter)


def waiting(house: House) -> int:
    return house.auth.delivery.status().counts[LetterState.WAITING]


def test_d45_a_letter_waits_beside_its_change_until_it_is_delivered() -> None:
    house = House()
    house.sign_up()
    assert (waiting(house), house.mailbox.attempts) == (1, 0)
    assert house.auth.delivery.deliver() == {LetterState.SENT: 1}
    assert house.auth.delivery.deliver() == {}
    assert house.auth.delivery.status().counts == dict.fromkeys(LetterState, 0) | {LetterState.SENT: 1}
    assert len(house.mailbox.of(ADA)) == 1


def test_a_letter_carries_what_its_template_shows() -> None:
    house = House()
    house.sign_up()
    house.clock.tick(minutes=5)
    (letter,) = house.mailbox.of(ADA)
    assert (letter.kind, letter.network) == (LetterKind.CONFIRMATION, CLIENT.network)
    (pending,) = house.accounts()
    assert letter.expires_at == pending.purge_at
    assert letter.id == house.written()[0].id


def test_l6_nothing_is_open_while_a_letter_leaves() -> None:
    """The mailbox in memory refuses to work inside a transaction."""
    house = House()
    house.sign_up()
    with house.counted() as calls:
        house.deliver()
    assert calls.index("letters.lease") < calls.index("tokens.sign") < calls.index("mailer.send")
    assert calls.index("mailer.send") < calls.index("letters.settle")


def test_d44_a_letter_that_is_delayed_leaves_later() -> None:
    house = House()
    house.sign_up()
    house.mailbox.failure = MailDelayed("451 busy")
    assert house.auth.delivery.deliver() == {LetterState.WAITING: 1}
    assert house.auth.delivery.deliver() == {}
    house.mailbox.failure = None
    house.clock.tick(seconds=30)
    assert house.letters() == [LetterKind.CONFIRMATION]


def test_d44_a_letter_is_given_up_visibly_after_its_last_attempt() -> None:
    house = House()
    house.join()
    house.auth.password_change.change(house.log_in().session, PASSWORD, NEW_PASSWORD, client=CLIENT)
    house.mailbox.failure = MailDelayed("451 busy")
    before = house.mailbox.attempts
    for _ in range(20):
        house.auth.delivery.deliver()
        house.clock.tick(hours=24)
    assert house.mailbox.attempts - before == 2 * house.auth.policy.send_attempts
    assert (waiting(house), house.auth.delivery.status().counts[LetterState.DEAD]) == (0, 2)


def test_a_delivery_that_is_to_end_finishes_the_letter_on_its_way_and_takes_no_other() -> None:
    house = House()
    for email, username in ((ADA, "ada"), (GRACE, "grace"), (EVE, "eve")):
        house.sign_up(email, username)
    ended: list[LetterState] = []
    assert house.auth.delivery.deliver(progress=ended.append, until=lambda: len(house.mailbox.arrived) == 2) == {
        LetterState.SENT: 2
    }
    assert ended == [LetterState.SENT] * 2
    assert house.auth.delivery.deliver(until=lambda: True) == {}
    assert house.auth.delivery.deliver(limit=0) == {}
    assert house.auth.delivery.deliver() == {LetterState.SENT: 1}, "a letter was leased that nobody was to send"


def test_a_link_that_would_arrive_dead_is_not_sent() -> None:
    for seconds, state in ((-1, LetterState.SENT), (0, LetterState.EXPIRED), (1, LetterState.EXPIRED)):
        house = House()
        house.sign_up()
        house.clock.tick(days=3, seconds=seconds)
        assert house.auth.delivery.deliver() == {state: 1}


def test_a_link_that_means_nothing_any_more_is_not_sent() -> None:
    house = House()
    house.join()
    used = house.reset()
    house.auth.password_reset.request(ADA, client=CLIENT)
    house.auth.password_reset.complete(used, NEW_PASSWORD, client=CLIENT)
    assert house.auth.delivery.deliver() == {LetterState.VOID: 1, LetterState.SENT: 1}
    assert house.letters()[-1] is LetterKind.PASSWORD_CHANGED


def test_a_letter_is_never_signed_anew() -> None:
    """The link says what was fixed at the request, however late the letter leaves."""
    house = House()
    house.sign_up()
    written = house.written()[0].claim
    house.mailbox.failure = MailDelayed("451 busy")
    house.auth.delivery.deliver()
    house.mailbox.failure = None
    house.clock.tick(hours=2)
    house.deliver()
    signed = [call.arguments[0] for call in house.calls if call.name == "tokens.sign"]
    assert signed == [written, written]


def test_l4_a_letter_to_nobody_is_signed_and_composed_and_reaches_nobody() -> None:
    house = House()
    house.auth.password_reset.request(EVE, client=CLIENT)
    with house.counted() as calls:
        assert house.auth.delivery.deliver() == {LetterState.VOID: 1}
    assert {"tokens.sign", "mailer.send"} <= set(calls)
    assert house.mailbox.attempts == 1
    (ready,) = [call.arguments[0] for call in house.calls if call.name == "mailer.send"]
    assert (ready.recipient, ready.username) == (None, None)


def test_nobody_gets_a_letter_with_a_name_that_a_stranger_chose() -> None:
    """A mail program makes a link of such a name; once the mailbox is proved, it is its owner's own."""
    house = House()
    house.sign_up(ADA, "www.example.com")
    assert house.mailbox.newest(ADA).username is None
    house.auth.confirmation.complete(house.link(), PASSWORD, client=CLIENT)
    house.auth.password_reset.request(ADA, client=CLIENT)
    assert house.mailbox.newest(ADA).username == "www.example.com"


def test_a_batch_is_limited_and_the_oldest_letters_go_first() -> None:
    house = House()
    for email, username in ((ADA, "ada"), (GRACE, "grace"), (EVE, "eve")):
        house.sign_up(email, username)
        house.clock.tick(seconds=1)
    assert house.auth.delivery.deliver(limit=2) == {LetterState.SENT: 2}
    sent = [call.arguments[0].recipient for call in house.calls if call.name == "mailer.send"]
    assert sent == [ADA, GRACE]


def test_two_deliveries_at_once_send_each_letter_once() -> None:
    house = House()
    house.sign_up()
    house.sign_up(GRACE, "grace")
    courier = Courier(house, lambda _: house.auth.delivery.deliver())
    assert house.assemble(mailer=courier).delivery.deliver() == {LetterState.SENT: 1}
    assert (house.mailbox.attempts, waiting(house)) == (2, 0)


def test_flt_02_a_letter_whose_delivery_was_killed_leaves_when_its_lease_is_over() -> None:
    class Killed(BaseException):
        pass

    def kill(_: ReadyLetter) -> None:
        raise Killed

    house = House()
    house.sign_up()
    with pytest.raises(Killed):
        house.assemble(mailer=Courier(house, kill)).delivery.deliver()
    house.clock.tick(minutes=5, seconds=-1)
    assert house.auth.delivery.deliver() == {}
    house.clock.tick(seconds=1)
    assert house.auth.delivery.deliver() == {LetterState.SENT: 1}


def test_l5_a_mail_server_that_takes_minutes_causes_no_duplicates() -> None:
    """Each letter has a lease of its own, which no slow letter before it uses up."""
    house = House()
    for email, username in ((ADA, "ada"), (GRACE, "grace"), (EVE, "eve")):
        house.sign_up(email, username)

    def dawdle(_: ReadyLetter) -> None:
        house.clock.tick(minutes=4)
        house.auth.delivery.deliver(limit=1)

    house.assemble(mailer=Courier(house, dawdle)).delivery.deliver()
    assert (house.mailbox.attempts, waiting(house)) == (3, 0)


def test_l5_who_comes_back_after_the_lease_was_over_settles_nothing() -> None:
    """Somebody else has sent the letter by then, and it must not wait again."""

    def sleep(_: ReadyLetter) -> None:
        house.clock.tick(minutes=6)
        house.auth.delivery.deliver()
        raise MailDelayed

    house = House()
    house.sign_up()
    house.assemble(mailer=Courier(house, sleep)).delivery.deliver()
    assert (house.auth.delivery.status().counts[LetterState.SENT], waiting(house)) == (1, 0)


def test_l8_the_former_address_is_told_even_if_the_account_was_disabled_at_once() -> None:
    """An operator who reacts to a theft must not take from its owner the letter that undoes it."""
    house = House()
    opened = house.join()
    token = house.ask_for_change(opened.session)
    house.auth.email_change.complete(opened.session, token, client=CLIENT)
    account = house.account(NEW_ADA)
    house.auth.administration.disable(account.id, actor="operator")
    undo = house.mailbox.token(ADA, LetterKind.EMAIL_CHANGED)
    house.auth.administration.enable(account.id, actor="operator")
    house.auth.email_change.undo(undo, client=CLIENT)
    assert house.account(ADA).id == account.id


def test_l5_a_letter_that_cannot_be_composed_holds_up_no_other_and_is_reported() -> None:
    def spoil(letter: ReadyLetter) -> None:
        if letter.recipient == ADA:
            msg = f"cannot render {letter.kind}"
            raise LookupError(msg)

    house = House()
    for email, username in ((ADA, "ada"), (GRACE, "grace")):
        house.sign_up(email, username)
    delivery = house.assemble(mailer=Courier(house, spoil)).delivery
    with pytest.raises(LookupError):
        delivery.deliver()
    assert (house.auth.delivery.status().counts[LetterState.SENT], waiting(house)) == (1, 1)
    errors = {call.arguments[0].last_error for call in house.calls if call.name == "letters.settle"}
    assert errors == {None, "LookupError"}
    house.clock.tick(seconds=30)
    assert house.letters(ADA) == [LetterKind.CONFIRMATION]


def test_l11_a_database_that_does_not_answer_stops_the_delivery_and_costs_no_attempt() -> None:
    def fail(_: ReadyLetter) -> None:
        raise Unavailable

    house = House()
    house.sign_up()
    with pytest.raises(Unavailable):
        house.assemble(mailer=Courier(house, fail)).delivery.deliver()
    house.clock.tick(minutes=5)
    assert house.auth.delivery.deliver() == {LetterState.SENT: 1}
    settled = [call.arguments[0] for call in house.calls if call.name == "letters.settle"]
    assert [letter.attempts for letter in settled] == [0]


def test_the_letters_of_a_purged_account_are_gone() -> None:
    house = House()
    house.sign_up()
    house.clock.tick(days=3)
    house.auth.housekeeping.purge()
    assert house.auth.delivery.deliver() == {}
    assert house.events() == [EventKind.REGISTERED, EventKind.PURGED]
