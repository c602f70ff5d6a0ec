"""Mail budgets: how much mail an address gets, and that nobody uses up what its owner needs (law L8)."""

from __future__ import annotations

from datetime import timedelta

import attrs

from offbrand.domain.claims import Purpose
from offbrand.domain.letters import LetterKind
from offbrand.domain.policy import Policy
from offbrand.domain.session import Terms
from offbrand.domain.values import EmailAddress
from tests.unit.house import ADA, CLIENT, EVE, NEW_ADA, House


def test_asking_about_an_address_that_nobody_has_uses_up_nothing() -> None:
    """Else five requests an hour would keep anybody from registering."""
    house = House()
    for _ in range(6):
        house.auth.confirmation.request(ADA, client=CLIENT)
        house.auth.password_reset.request(ADA, client=CLIENT)
    house.sign_up()
    assert house.letters() == [LetterKind.CONFIRMATION]


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
