"""Choosing a password: what every flow in which somebody does has in common."""

from __future__ import annotations

from offbrand.domain.errors import Busy, WeakPassword
from offbrand.domain.values import Password, Username
from tests.unit.house import CLIENT, EVE, PASSWORD, House, outcome_of


def test_l7_how_easy_a_password_is_to_guess_is_estimated_in_ones_turn_only() -> None:
    """The estimate costs as much as a hash: a crowd that chooses passwords waits in line before it."""
    house = House()
    session, token = house.join().session, house.reset()
    pending = house.register(EVE, "eve")
    weak = Password("short")
    choosing = [
        lambda: house.sign_up(EVE, "eve", weak),
        lambda: house.auth.confirmation.complete_anew(pending, Username("eve"), weak, client=CLIENT),
        lambda: house.auth.password_change.change(session, PASSWORD, weak, client=CLIENT),
        lambda: house.auth.password_reset.complete(token, weak, client=CLIENT),
    ]
    house.hasher.is_full = True
    assert [outcome_of(choose) for choose in choosing] == [Busy] * 4
    house.hasher.is_full = False
    assert [outcome_of(choose) for choose in choosing] == [WeakPassword] * 4
