"""
L4: nobody learns by asking whether an address has an account.

What a door can show is the outcome; what a clock can show is the work. So the outcome is compared, and every call to
every port in its order: blocks, queries, counts, hashing, randomness, events and letters.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.domain.errors import AuthError, Busy, InvalidCredentials, WrongPassword
from offbrand.domain.values import Client, EmailAddress, Password, Token, Username
from tests.unit.house import ADA, CLIENT, EVE, GRACE, PASSWORD, STRANGER, WRONG, House, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable

STATES = (
    "unknown",
    "active",
    "pending",
    "expired",
    "invited",
    "disabled",
    "closed",
    "passwordless",
    "guessed at",
    "guessed out",
)


def house_with(state: str) -> House:
    """Return a house in which Ada's account is in *state*, and Eve's is active."""
    house = House()
    house.join(EVE, "eve")
    if state in ("pending", "expired"):
        house.register()
        house.clock.tick(days=3 if state == "expired" else 0)
    elif state == "invited":
        house.auth.invitation.invite(ADA, Username("ada"), actor="ops")
    elif state != "unknown":
        session = house.join().session
        account_id = house.account().id
        changes: dict[str, Callable[[], object]] = {
            "disabled": lambda: house.auth.administration.disable(account_id, actor="ops"),
            "closed": lambda: house.auth.closing.close(session, client=CLIENT),
            "passwordless": lambda: house.auth.administration.remove_password(account_id, actor="ops"),
        }
        changes.get(state, lambda: None)()
    if state.startswith("guessed"):
        for turn in range(6 if state.endswith("out") else 1):
            house.clock.tick(minutes=16 if turn else 0)
            for number in range(12):
                outcome_of(partial(house.log_in, ADA, WRONG, Client(network=f"203.0.113.{number}")))
    house.deliver()
    house.clock.tick(hours=2)
    return house


def work_of(state: str, action: Callable[[House], object]) -> tuple[type[AuthError] | None, list[str]]:
    """Return how *action* ends and every call that it makes."""
    house = house_with(state)
    with house.counted() as calls:
        outcome = outcome_of(lambda: action(house))
    return outcome, calls


@pytest.mark.parametrize("device", [None, Token("of somebody else")], ids=["no device", "some device"])
@pytest.mark.parametrize("name", [ADA, Username("ada")], ids=lambda name: name.text)
@pytest.mark.parametrize("state", STATES)
def test_d17_a_failed_login_tells_nothing(state: str, name: EmailAddress | Username, device: Token | None) -> None:
    """One verification in every case, of a decoy where there is nothing to verify."""
    client = attrs.evolve(STRANGER, device=device)

    def log_in(house: House) -> object:
        return house.log_in(name, WRONG, client)

    outcome, calls = work_of(state, log_in)
    assert (outcome, calls) == work_of("unknown", log_in)
    assert outcome is InvalidCredentials
    assert calls.count("hasher.matches") == calls.count("throttle.count") == calls.count("events.add") == 1


@pytest.mark.parametrize("state", sorted(set(STATES) - {"active", "guessed at"}))
def test_the_right_password_tells_nothing_where_it_opens_nothing(state: str) -> None:
    def log_in(house: House) -> object:
        return house.log_in(ADA, PASSWORD, STRANGER)

    assert work_of(state, log_in) == work_of("unknown", log_in)


@pytest.mark.parametrize("state", STATES)
def test_a_full_line_turns_everybody_away_alike(state: str) -> None:
    """L7: the line is blind to whether the account exists, and nobody is counted."""

    def log_in(house: House) -> object:
        house.hasher.is_full = True
        return house.log_in(ADA, WRONG, STRANGER)

    outcome, calls = work_of(state, log_in)
    assert (outcome, calls) == work_of("unknown", log_in)
    assert outcome is Busy
    assert "throttle.count" not in calls


def throttled(state: str, action: Callable[[House], object]) -> list[tuple[str, int | None]]:
    """Return how many allowances of which limits each count asks for."""
    house = house_with(state)
    before = len(house.calls)
    outcome_of(lambda: action(house))
    counts = [call.arguments[0] for call in house.calls[before:] if call.name == "throttle.count"]
    return [(allowance.key.partition(":")[0], allowance.limit) for allowances in counts for allowance in allowances]


@pytest.mark.parametrize("state", STATES)
def test_l8_the_same_allowances_are_counted(state: str) -> None:
    def log_in(house: House) -> object:
        return house.log_in(ADA, WRONG, STRANGER)

    assert throttled(state, log_in) == throttled("unknown", log_in)
    assert len(throttled(state, log_in)) == 4


@pytest.mark.parametrize("state", STATES)
def test_d15_registering_tells_nothing(state: str) -> None:
    def register(house: House) -> None:
        house.sign_up(ADA, "countess")

    outcome, calls = work_of(state, register)
    assert (outcome, calls) == work_of("unknown", register)
    assert outcome is None
    assert calls.count("letters.add") == calls.count("events.add") == calls.count("hasher.hash") == 1


@pytest.mark.parametrize("state", STATES)
def test_d18_asking_for_a_reset_tells_nothing(state: str) -> None:
    def request(house: House) -> None:
        house.auth.password_reset.request(ADA, client=STRANGER)

    outcome, calls = work_of(state, request)
    assert (outcome, calls) == work_of("unknown", request)
    assert outcome is None
    assert calls.count("letters.add") == calls.count("events.add") == 1
    assert calls.count("throttle.count") == 2  # of the network, and of the mailbox


@pytest.mark.parametrize("state", STATES)
def test_enu_08_asking_for_a_fresh_link_tells_nothing(state: str) -> None:
    def request(house: House) -> None:
        house.auth.confirmation.request(ADA, client=STRANGER)

    assert work_of(state, request) == work_of("unknown", request)


@pytest.mark.parametrize("state", STATES)
def test_d16_asking_for_somebodys_address_tells_nothing(state: str) -> None:
    def request(house: House) -> None:
        session = house.log_in(EVE).session
        house.auth.email_change.request(session, ADA, client=STRANGER)

    outcome, calls = work_of(state, request)
    assert (outcome, calls) == work_of("unknown", request)
    assert outcome is None


REQUESTS: dict[str, Callable[[House], object]] = {
    "registration": lambda house: house.sign_up(ADA, "countess"),
    "reset": lambda house: house.auth.password_reset.request(ADA, client=STRANGER),
    "fresh link": lambda house: house.auth.confirmation.request(ADA, client=STRANGER),
}


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("state", STATES)
def test_a_spent_mail_budget_tells_nothing(state: str, name: str) -> None:
    """Neither that it is spent nor that there was somebody to spend it on."""

    def flood(house: House) -> object:
        for _ in range(6):
            REQUESTS[name](house)
        return None

    outcome, calls = work_of(state, flood)
    assert (outcome, calls) == work_of("unknown", flood)
    assert len(calls) % 6 == 0
    sixth = len(calls) // 6
    assert calls[:sixth] == calls[-sixth:]


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("state", STATES)
def test_d18_delivering_costs_the_same_calls_for_somebody_and_nobody(state: str, name: str) -> None:
    """A letter without a link is not signed; whether one is, only the mailbox's owner could tell."""

    def deliver(state: str) -> list[str]:
        house = house_with(state)
        REQUESTS[name](house)
        with house.counted() as calls:
            house.deliver()
        return [call for call in calls if call not in ("accounts.get", "tokens.sign", "tokens.opaque")]

    assert deliver(state) == deliver("unknown")


def test_every_failure_to_prove_a_known_account_is_the_same_refusal() -> None:
    """By session or link the account is known, so only the password can be wrong."""
    house = House()
    session = house.join().session
    token = house.register(GRACE, "grace")
    invited = house.auth.invitation.invite(EmailAddress("zoe@example.org"), Username("zoe"), actor="ops")
    assert invited
    by_invitation = house.link(EmailAddress("zoe@example.org"))
    complete = house.auth.confirmation.complete
    for password in (WRONG, Password("")):
        with pytest.raises(WrongPassword):
            house.auth.login.prove(session, password, client=CLIENT)
        for link in (token, by_invitation):
            with pytest.raises(WrongPassword):
                complete(link, password, client=CLIENT)


def test_an_address_and_a_username_cannot_be_linked() -> None:
    """Spending the account's guesses under one name shows nothing under the other, and neither does succeeding."""
    house = House()
    house.join()
    for _ in range(15):
        outcome_of(lambda: house.log_in(ADA, WRONG, STRANGER))
    linked = [outcome_of(lambda: house.log_in(Username("ada"), WRONG, STRANGER)) for _ in range(6)]
    other = [outcome_of(lambda: house.log_in(Username("nobody"), WRONG, STRANGER)) for _ in range(6)]
    assert linked == other == [InvalidCredentials] * 6
