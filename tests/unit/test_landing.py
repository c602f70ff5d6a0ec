"""Landing: a followed link is looked at, by people and mail scanners alike, and nothing happens."""

from __future__ import annotations

import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.errors import InvalidToken
from offbrand.domain.values import EmailAddress, Token
from tests.unit.house import ADA, CLIENT, EVE, GRACE, NEW_ADA, NEW_PASSWORD, PASSWORD, House


def test_tok_12_looking_twenty_times_changes_nothing_and_the_link_still_works() -> None:
    house = House()
    token = house.register()
    with house.counted() as calls:
        landed = [house.auth.landing.look(token, Purpose.CONFIRMATION) for _ in range(20)]
    assert set(calls) == {"tokens.read", "unit_of_work.reading", "accounts.get"}
    assert (landed[0].claim.email, str(landed[0].account.username), landed[0].account.state) == (ADA, "ada", "pending")
    house.auth.confirmation.complete(token, PASSWORD, client=CLIENT)


def test_d23_tok_02_a_link_is_looked_at_under_its_own_purpose_only() -> None:
    house = House()
    opened, undoing = house.move(house.join().session)
    other = house.join(EVE, "eve")
    links = {
        Purpose.CONFIRMATION: house.register(GRACE, "grace"),
        Purpose.PASSWORD_RESET: house.reset(NEW_ADA),
        Purpose.EMAIL_CHANGE: house.ask_for_change(other.session, EmailAddress("eve@example.com")),
        Purpose.EMAIL_UNDO: undoing,
    }
    for own, token in links.items():
        assert house.auth.landing.look(token, own).claim.purpose is own
        for purpose in set(Purpose) - {own}:
            with pytest.raises(InvalidToken):
                house.auth.landing.look(token, purpose)
    for purpose in Purpose:
        with pytest.raises(InvalidToken):
            house.auth.landing.look(opened.session, purpose)


def test_d43_a_dead_link_is_told_before_anybody_types_anything() -> None:
    house = House()
    house.join()
    token = house.reset()
    house.auth.password_reset.complete(token, NEW_PASSWORD, client=CLIENT)
    late = house.reset()
    house.clock.tick(hours=1)
    for dead in (token, late, Token("forged"), Token("")):
        with pytest.raises(InvalidToken):
            house.auth.landing.look(dead, Purpose.PASSWORD_RESET)
