"""Attacks on one account, or on many, as long and as wide as anybody could wage them (laws L4 and L8)."""

from __future__ import annotations

from collections import Counter

import attrs

from offbrand.domain.errors import AuthError, InvalidCredentials, TooManyAttempts
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import Client, EmailAddress, Password, Username
from tests.unit.house import ADA, CLIENT, NEW_PASSWORD, PASSWORD, STRANGER, WRONG, House, outcome_of


def network(number: int) -> Client:
    """Return a client of a network of its own."""
    return Client(network=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")


def guess(house: House, name: EmailAddress | Username, password: Password, client: Client) -> type[AuthError] | None:
    return outcome_of(lambda: house.log_in(name, password, client))


def checks(house: House, since: int) -> int:
    """Return how many guesses have been compared with a password hash of somebody."""
    return sum(call.name == "hasher.matches" and call.arguments[1] is not None for call in house.calls[since:])


def test_thr_01_a_thousand_guesses_from_one_address_at_one_account() -> None:
    """Ten are compared with its hash, ten more with a decoy, and then it is a matter of time."""
    house = House()
    house.join()
    before = len(house.calls)
    answers = Counter(guess(house, ADA, WRONG, STRANGER) for _ in range(1000))
    assert answers == {InvalidCredentials: 20, TooManyAttempts: 980}
    assert checks(house, before) == 10


def test_thr_02_a_thousand_guesses_from_a_thousand_networks_while_the_owner_comes_and_goes() -> None:
    """No more than 50 reach the hash from strangers, and the owner's browser gets in between all of them."""
    house = House()
    known = attrs.evolve(CLIENT, device=house.join().device)
    before = len(house.calls)
    logins = 0
    for number in range(1000):
        name = (ADA, Username("ada"), EmailAddress("ADA@example.org"), Username("Ada"))[number % 4]
        assert guess(house, name, WRONG, network(number)) in (InvalidCredentials, TooManyAttempts)
        if number % 10 == 9:
            house.clock.tick(minutes=15 if number % 50 == 49 else 0)
            assert guess(house, ADA, PASSWORD, known) is None
            logins += 1
    assert logins == 100
    assert checks(house, before) - logins == 50
    assert guess(house, ADA, PASSWORD, STRANGER) is InvalidCredentials


def test_thr_03_one_guess_at_each_of_a_thousand_accounts() -> None:
    """A hundred in a quarter of an hour, from each network, and nobody else is kept out by them."""
    house = House()
    names = [f"person{'abcdefghij'[i // 10]}{'abcdefghij'[i % 10]}" for i in range(30)]
    for i, name in enumerate(names):
        house.sign_up(EmailAddress(f"{name}@example.org"), name)
        house.auth.confirmation.complete(house.link(EmailAddress(f"{name}@example.org")), PASSWORD, client=network(i))
    before = len(house.calls)
    sprayed = Counter(guess(house, Username(names[i % 30]), WRONG, STRANGER) for i in range(1000))
    assert sprayed == {InvalidCredentials: 100, TooManyAttempts: 900}
    assert checks(house, before) == 100
    assert {guess(house, Username(name), PASSWORD, CLIENT) for name in names} == {None}


def test_thr_06_a_day_at_the_limit_shuts_nobody_out_for_good() -> None:
    """By a known browser at any moment; with none, by a reset, after which the new password works from anywhere."""
    house = House()
    known = attrs.evolve(CLIENT, device=house.join().device)
    for quarter in range(24 * 4):
        for number in range(12):
            guess(house, ADA, WRONG, network(quarter * 12 + number))
        assert guess(house, ADA, PASSWORD, known) is None
        house.clock.tick(minutes=15)
    assert guess(house, ADA, PASSWORD, STRANGER) is InvalidCredentials
    house.auth.password_reset.complete(house.reset(), NEW_PASSWORD, client=STRANGER)
    assert guess(house, ADA, NEW_PASSWORD, STRANGER) is None


def test_thr_06_asking_for_resets_all_day_does_not_keep_the_owner_from_one() -> None:
    """The five of the window have reached the mailbox, and each of their links works when the owner asks in vain."""
    house = House()
    house.join()
    for number in range(24 * 12):
        house.auth.password_reset.request(ADA, client=network(number))
        house.clock.tick(minutes=5)
    house.auth.password_reset.request(ADA, client=CLIENT)
    house.auth.password_reset.complete(house.link(), NEW_PASSWORD, client=CLIENT)
    assert guess(house, ADA, NEW_PASSWORD, CLIENT) is None


def test_thr_08_a_flood_at_one_address_and_one_at_very_many() -> None:
    """Five letters of a kind in a window to each, from any number of networks; and a network asks a hundred times."""
    house = House()
    house.join()
    for number in range(60):
        assert outcome_of(lambda: house.auth.password_reset.request(ADA, client=network(number))) is None  # noqa: B023
        assert outcome_of(lambda: house.auth.confirmation.request(ADA, client=network(number))) is None  # noqa: B023
    assert Counter(house.letters())[LetterKind.PASSWORD_RESET] == 5
    asked = Counter(
        outcome_of(lambda: house.sign_up(EmailAddress(f"name{number}@example.org"), "name"))  # noqa: B023
        for number in range(1000)
    )
    assert asked == {None: 99, TooManyAttempts: 901}  # Ada has registered from there, too
    house.deliver()
    strangers = [letter for letter in house.mailbox.arrived if letter.recipient != ADA]
    assert Counter(letter.kind for letter in strangers) == {LetterKind.CONFIRMATION: 99}
