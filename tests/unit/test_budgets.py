"""Mail budgets: how much mail an address gets, and that nobody uses up what its owner needs (law L8)."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.letters import LetterKind
from offbrand.domain.policy import Policy
from offbrand.domain.session import Terms
from offbrand.domain.values import EmailAddress
from tests.unit.house import ADA, CLIENT, EVE, NEW_ADA, NEW_PASSWORD, PASSWORD, House


def test_asking_about_an_address_that_nobody_has_uses_up_nothing() -> None:
    """Else five requests an hour would keep anybody from registering."""
    house = House()
    for _ in range(6):
        house.auth.confirmation.request(ADA, client=CLIENT)
        house.auth.password_reset.request(ADA, client=CLIENT)
    house.sign_up()
    assert house.letters() == [LetterKind.CONFIRMATION]


def test_a_registration_whose_time_is_over_uses_up_nothing_before_it_is_purged() -> None:
    """Its links are dead; five requests would keep the mailbox from one that works."""
    house = House()
    house.register()
    house.clock.tick(days=3)
    for _ in range(6):
        house.auth.confirmation.request(ADA, client=CLIENT)
        house.auth.password_reset.request(ADA, client=CLIENT)
    house.sign_up()
    assert house.letters() == [LetterKind.CONFIRMATION] * 2


@pytest.mark.parametrize("asks", ["fresh link", "reset"])
def test_what_is_sent_for_a_registration_that_is_about_to_end_uses_up_nothing_after_it(asks: str) -> None:
    """Its links are dead a minute later."""
    house = House()
    house.register()
    house.clock.tick(days=3, minutes=-1)
    for _ in range(5):
        (house.auth.confirmation if asks == "fresh link" else house.auth.password_reset).request(ADA, client=CLIENT)
    house.clock.tick(minutes=2)
    house.sign_up(username="countess")
    house.auth.landing.look(house.link(), Purpose.CONFIRMATION)


def test_l8_what_is_sent_in_a_registrations_last_moment_is_not_counted_for_ever() -> None:
    """The link dies while the letter is counted, and a window of no length would be one without an end."""
    house = House()
    for _ in range(6):
        house.auth.confirmation.links.allows(LetterKind.CONFIRMATION, ADA, until=house.clock.now())
    house.clock.tick(seconds=1)
    house.sign_up()
    assert house.letters() == [LetterKind.CONFIRMATION]


def test_an_account_that_was_disabled_gets_a_link_that_works() -> None:
    """Those that it got before are void."""
    house = House()
    house.join()
    for _ in range(5):
        house.reset()
    house.auth.administration.disable(house.account().id, actor="ops")
    house.auth.administration.enable(house.account().id, actor="ops")
    house.auth.landing.look(house.reset(), Purpose.PASSWORD_RESET)


def test_after_a_new_password_the_new_address_gets_a_link_that_works() -> None:
    house = House()
    session = house.join().session
    for _ in range(5):
        house.ask_for_change(session)
    session = house.auth.password_change.change(session, PASSWORD, NEW_PASSWORD, client=CLIENT).session
    house.auth.landing.look(house.ask_for_change(session), Purpose.EMAIL_CHANGE)


def test_an_address_that_was_left_gets_a_link_that_works_when_the_account_is_back() -> None:
    house = House()
    session = house.join().session
    for _ in range(5):
        house.reset()
    opened, _ = house.move(session)
    house.auth.email_change.end_undo(house.account(NEW_ADA).id, actor="ops")
    back = house.ask_for_change(opened.session, ADA)
    house.auth.email_change.complete(opened.session, back, client=CLIENT)
    house.auth.landing.look(house.reset(), Purpose.PASSWORD_RESET)


def test_l8_an_address_that_was_left_gets_a_link_that_works_for_another_account() -> None:
    """Those of the account that had it before are void."""
    house = House()
    house.sign_up()
    for _ in range(4):
        house.auth.confirmation.request(ADA, client=CLIENT)
    session = house.auth.confirmation.complete(house.link(), PASSWORD, client=CLIENT).session
    for _ in range(5):
        house.reset()
    house.move(session)
    house.sign_up(ADA, "grace")
    assert house.letters()[-1] is LetterKind.CONFIRMATION
    house.auth.confirmation.complete(house.link(), PASSWORD, client=CLIENT)
    house.auth.password_reset.request(ADA, client=CLIENT)
    assert house.letters()[-1] is LetterKind.PASSWORD_RESET
    house.auth.landing.look(house.link(), Purpose.PASSWORD_RESET)


def test_an_address_gets_five_letters_of_a_kind_and_each_of_them_has_a_link_that_works() -> None:
    house = House()
    for name in ("one", "two", "three", "four", "five", "six", "seven"):
        house.sign_up(ADA, name)
    assert house.letters() == [LetterKind.CONFIRMATION] * 5
    house.auth.landing.look(house.link(), Purpose.CONFIRMATION)


def test_other_accounts_that_ask_for_the_address_use_up_nothing_of_its_owners() -> None:
    """The links that they asked for are of no use to anybody else."""
    house = House()
    eve = house.join(EVE, "eve").session
    for _ in range(6):
        house.auth.email_change.request(eve, NEW_ADA, client=CLIENT)
    assert house.letters(NEW_ADA) == [LetterKind.EMAIL_CHANGE] * 5
    ada = house.join().session
    house.auth.email_change.request(ada, NEW_ADA, client=CLIENT)
    assert house.letters(NEW_ADA) == [LetterKind.EMAIL_CHANGE] * 6


def test_d25_an_account_writes_to_twenty_strangers_an_hour() -> None:
    house = House()
    session = house.join().session
    strangers = [EmailAddress(f"stranger{number}@example.net") for number in range(30)]
    for stranger in strangers:
        house.auth.email_change.request(session, stranger, client=CLIENT)
    assert sum(len(house.letters(stranger)) for stranger in strangers) == 20


def test_l8_a_security_notice_is_never_suppressed() -> None:
    """However many there were before, and though whoever causes them has used up every other letter."""
    house = House()
    session = house.join().session
    for turn in range(30):
        session = house.auth.password_change.change(session, PASSWORD, PASSWORD, client=CLIENT).session
        for _ in range(6 if turn == 0 else 0):
            house.auth.password_reset.request(ADA, client=CLIENT)
    assert house.letters().count(LetterKind.PASSWORD_CHANGED) == 30


def test_no_window_outlasts_its_links_however_short_they_live() -> None:
    """Else a suppressed letter would leave only dead links in the mailbox."""
    quarter = timedelta(minutes=15)
    house = House(Policy(lifetimes={**Policy().lifetimes, Purpose.PASSWORD_RESET: quarter}))
    house.join()
    for _ in range(6):
        house.auth.password_reset.request(ADA, client=CLIENT)
    assert house.letters().count(LetterKind.PASSWORD_RESET) == 5
    house.clock.tick(minutes=15)
    house.auth.password_reset.request(ADA, client=CLIENT)
    assert house.letters().count(LetterKind.PASSWORD_RESET) == 6


def test_a_session_in_use_is_not_idle_however_short_idling_may_last() -> None:
    house = House(attrs.evolve(Policy(), session=Terms(absolute=timedelta(days=1), idle=timedelta(minutes=1))))
    session = house.join().session
    for _ in range(12):
        house.clock.tick(seconds=20)
        house.auth.login.account_of(session)
