"""What a network may ask for: counted before anything depends on the address, and told to nobody else (laws L4, L8)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from offbrand.domain.errors import TooManyAttempts, WeakPassword
from offbrand.domain.policy import NetworkRate, Policy, Rate
from offbrand.domain.values import Client, EmailAddress, Password, Username
from tests.unit.house import ADA, CLIENT, EVE, PASSWORD, STRANGER, House, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = timedelta(hours=1)
TWO = NetworkRate(narrow=Rate(limit=2, window=HOUR), wide=Rate(limit=3, window=HOUR))
TIGHT = Policy(registrations=TWO, requests=TWO)


ASKING: dict[str, Callable[[House, EmailAddress, Client], None]] = {
    "registration": lambda house, email, client: house.auth.registration.register(
        email, Username("somebody"), PASSWORD, client=client
    ),
    "reset": lambda house, email, client: house.auth.password_reset.request(email, client=client),
    "fresh link": lambda house, email, client: house.auth.confirmation.request(email, client=client),
}


@pytest.fixture
def house() -> House:
    """Ada has an account; Eve has none."""
    house = House(TIGHT)
    house.join()
    house.clock.tick(hours=1)
    return house


@pytest.mark.parametrize("kind", ASKING)
def test_a_network_that_asks_too_often_is_told_when_to_come_back(kind: str, house: House) -> None:
    ask = ASKING[kind]
    for _ in range(2):
        ask(house, ADA, CLIENT)
    house.clock.tick(minutes=20)
    with pytest.raises(TooManyAttempts) as refusal:
        ask(house, ADA, CLIENT)
    assert refusal.value.retry_after == 40 * 60
    ask(house, ADA, STRANGER)
    house.clock.tick(minutes=40)
    ask(house, ADA, CLIENT)


@pytest.mark.parametrize("kind", ASKING)
def test_l4_neither_the_answer_nor_the_work_depends_on_the_address(kind: str, house: House) -> None:
    """Nothing is read before the network is counted, and nothing is hashed, written or sent after it is spent."""
    worked: list[list[str]] = []
    for email in (ADA, EVE):
        client = Client(network=f"203.0.113.{len(worked)}")
        for _ in range(2):
            ASKING[kind](house, email, client)
        with house.counted() as calls:
            assert outcome_of(lambda: ASKING[kind](house, email, client)) is TooManyAttempts  # noqa: B023
        worked.append(calls)
    turn = ["hasher.admit"] if kind == "registration" else []
    assert worked == [[*turn, "throttle.count"]] * 2


@pytest.mark.parametrize("kind", ASKING)
def test_hst_02_an_ipv6_subscriber_is_one_network_and_a_48_is_bounded_as_well(kind: str, house: House) -> None:
    def asked(network: str) -> object:
        return outcome_of(lambda: ASKING[kind](house, EVE, Client(network=network)))

    assert [asked(f"2001:db8::{host}") for host in range(3)] == [None, None, TooManyAttempts]
    # The third attempt was counted for the /48, which is counted first.
    assert asked("2001:db8:0:1::1") is TooManyAttempts
    assert asked("2001:db8:1::1") is None


@pytest.mark.parametrize("kind", ASKING)
def test_a_client_without_a_network_is_not_limited(kind: str, house: House) -> None:
    """Such as a terminal's: whoever sits there may do more than that."""
    for _ in range(9):
        ASKING[kind](house, EVE, Client())


def test_registrations_and_requests_use_up_nothing_of_each_other_or_of_guesses(house: House) -> None:
    for _ in range(3):
        outcome_of(lambda: ASKING["reset"](house, ADA, CLIENT))
    assert outcome_of(lambda: ASKING["fresh link"](house, ADA, CLIENT)) is TooManyAttempts
    ASKING["registration"](house, EVE, CLIENT)
    house.log_in()


def test_a_password_that_is_not_accepted_costs_no_registration(house: House) -> None:
    """People need several attempts at that."""
    for _ in range(5):
        with pytest.raises(WeakPassword):
            house.sign_up(EVE, "eve", Password("short"))
    house.sign_up(EVE, "eve")
