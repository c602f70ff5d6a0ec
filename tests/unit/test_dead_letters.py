"""Dead letters: an operator sees which could not leave, and sends them on their way again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from offbrand.domain.errors import MailDelayed, MailRefused, UnknownLetter
from offbrand.domain.letters import LetterKind, LetterState
from tests.unit.house import ADA, CLIENT, EVE, GRACE, NEW_PASSWORD, House


def refused(house: House) -> list[UUID]:
    """Let every letter that is due be refused for good; return the ids of the dead ones."""
    house.mailbox.failure = MailRefused("550 no such mailbox")
    house.auth.delivery.deliver()
    house.mailbox.failure = None
    return [letter.id for letter in house.auth.delivery.status().troubled if letter.state is LetterState.DEAD]


def test_a_letter_that_is_refused_for_good_is_dead_at_once_and_can_be_sent_again() -> None:
    house = House()
    house.sign_up()
    house.mailbox.failure = MailRefused("550 no\r\nsuch\x1b mailbox" + "!" * 500)
    assert house.auth.delivery.deliver() == {LetterState.DEAD: 1}
    house.mailbox.failure = None
    assert house.auth.delivery.deliver() == {}
    settled = next(call.arguments[0] for call in house.calls if call.name == "letters.settle")
    assert settled.last_error.startswith("550 no  such  mailbox!!")
    assert len(settled.last_error) == 200
    assert house.auth.delivery.retry() == 1
    assert house.letters() == [LetterKind.CONFIRMATION]
    assert house.auth.delivery.retry() == 0


def test_an_operator_sees_which_letters_could_not_leave_and_why() -> None:
    house = House()
    house.sign_up()
    (dead,) = refused(house)
    house.sign_up(GRACE, "grace")
    house.mailbox.failure = MailDelayed("451 busy")
    house.auth.delivery.deliver()
    house.sign_up(EVE, "eve")
    status = house.auth.delivery.status()
    assert status.counts == dict.fromkeys(LetterState, 0) | {LetterState.DEAD: 1, LetterState.WAITING: 2}
    assert [(each.id == dead, each.attempts, each.last_error) for each in status.troubled] == [
        (True, 1, "550 no such mailbox"),
        (False, 1, "451 busy"),
    ]
    assert [each.id for each in house.auth.delivery.status(limit=1).troubled] == [dead]


def test_one_letter_can_be_sent_on_its_way_again_alone() -> None:
    house = House()
    house.sign_up()
    house.sign_up(GRACE, "grace")
    for_grace = max(refused(house))
    assert house.auth.delivery.retry([for_grace, for_grace]) == 1
    assert house.letters(GRACE) == [LetterKind.CONFIRMATION]
    assert house.auth.delivery.status().counts[LetterState.DEAD] == 1


def test_who_names_a_letter_that_is_not_dead_sends_none_on_its_way() -> None:
    house = House()
    house.sign_up()
    (dead,) = refused(house)
    house.sign_up(GRACE, "grace")
    waits = house.written()[-1].id
    assert house.auth.delivery.retry([]) == 0
    for stranger in (waits, UUID(int=1)):
        with pytest.raises(UnknownLetter, match=str(stranger)):
            house.auth.delivery.retry([dead, stranger])
    assert [each.id for each in house.auth.delivery.status().troubled] == [dead]


def test_a_letter_that_is_sent_on_its_way_again_has_all_attempts_before_it() -> None:
    house = House()
    house.sign_up()
    refused(house)
    house.auth.delivery.retry()
    house.mailbox.failure = MailDelayed("451 busy")
    assert house.auth.delivery.deliver() == {LetterState.WAITING: 1}
    (delayed,) = house.auth.delivery.status().troubled
    assert (delayed.attempts, delayed.due_at <= house.clock.now() + timedelta(seconds=12)) == (1, True)


def test_a_letter_that_is_sent_on_its_way_again_after_its_link_has_died_is_not_sent() -> None:
    """L5: it ends visibly, as void where the link was voided and as expired where time has run out."""
    house = House()
    house.join()
    used = house.reset()
    house.auth.password_reset.request(ADA, client=CLIENT)
    (dead,) = refused(house)
    house.auth.password_reset.complete(used, NEW_PASSWORD, client=CLIENT)
    house.deliver()
    house.auth.delivery.retry([dead])
    assert house.auth.delivery.deliver() == {LetterState.VOID: 1}
    house.auth.password_reset.request(ADA, client=CLIENT)
    refused(house)
    house.clock.tick(hours=1)
    assert house.auth.delivery.retry() == 1
    before = house.mailbox.attempts
    assert house.auth.delivery.deliver() == {LetterState.EXPIRED: 1}
    assert house.mailbox.attempts == before
