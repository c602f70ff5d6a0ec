"""Passwords: guesses are counted before they are checked (law L8), and hashes keep up with their parameters."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from offbrand.domain.errors import AuthError, InvalidCredentials, TooManyAttempts, WrongPassword
from offbrand.domain.events import EventKind
from offbrand.domain.policy import Guesses, Policy, Rate
from offbrand.domain.roles import MODERATOR
from offbrand.domain.values import Client, EmailAddress, Password, Token, Username
from tests.unit.house import ADA, CLIENT, EVE, NEW_PASSWORD, PASSWORD, STRANGER, WRONG, House, outcome_of

ELSEWHERE = Client(network="203.0.113.9")


def guess(
    house: House, name: EmailAddress | Username = ADA, password: Password = WRONG, client: Client = CLIENT
) -> type[AuthError] | None:
    return outcome_of(lambda: house.log_in(name, password, client))


def checks(house: House, since: int = 0) -> int:
    """Return how many guesses have been compared with a password hash of somebody."""
    return sum(call.name == "hasher.matches" and call.arguments[1] is not None for call in house.calls[since:])


def everywhere(
    house: House, times: int, name: EmailAddress | Username = ADA, password: Password = WRONG
) -> set[object]:
    """Guess from as many networks as there are guesses; return every outcome."""
    return {guess(house, name, password, Client(network=f"203.0.{i // 250}.{i % 250}")) for i in range(times)}


def test_thr_04_a_spent_account_answers_like_a_wrong_password() -> None:
    """The right password included, decoy hash included, from every network; time frees."""
    house = House()
    house.join()
    assert [guess(house) for _ in range(10)] == [InvalidCredentials] * 10
    before = len(house.calls)
    assert guess(house, ADA, PASSWORD, ELSEWHERE) is InvalidCredentials
    assert guess(house, Username("ada"), PASSWORD, STRANGER) is InvalidCredentials
    assert checks(house, before) == 0
    assert sum(call.name == "hasher.matches" for call in house.calls[before:]) == 2
    house.clock.tick(minutes=15, seconds=-1)
    assert guess(house, ADA, PASSWORD) is InvalidCredentials
    house.clock.tick(seconds=1)
    assert guess(house, ADA, PASSWORD) is None


def test_every_spelling_and_every_door_share_the_count_of_the_account() -> None:
    house = House()
    session = house.join().session
    for name in (ADA, EmailAddress("ADA@example.org"), Username("ada"), Username("ADA")):
        for _ in range(2):
            assert guess(house, name) is InvalidCredentials
    for _ in range(2):
        assert outcome_of(lambda: house.auth.login.prove(session, WRONG, client=CLIENT)) is WrongPassword
    assert guess(house, ADA, PASSWORD) is InvalidCredentials
    assert outcome_of(lambda: house.auth.login.prove(session, PASSWORD, client=CLIENT)) is WrongPassword


@pytest.mark.parametrize("name", [ADA, EVE, Username("ada"), Username("nobody.at.all")], ids=lambda name: name.text)
def test_a_typed_identifier_is_refused_openly_after_twenty_guesses_whether_it_exists_or_not(
    name: EmailAddress | Username,
) -> None:
    house = House()
    house.join()
    assert everywhere(house, 20, name) == {InvalidCredentials}
    with pytest.raises(TooManyAttempts) as refusal:
        house.log_in(name, PASSWORD, STRANGER)
    assert refusal.value.retry_after == 900
    house.clock.tick(minutes=15)
    assert guess(house, name, WRONG, STRANGER) is InvalidCredentials


def test_thr_03_a_network_is_refused_openly_after_a_hundred_guesses() -> None:
    house = House()
    house.join()
    names = [Username(f"nobody{letter}{other}") for letter in "abcdefghij" for other in "abcdefghij"]
    assert {guess(house, name, WRONG, STRANGER) for name in names} == {InvalidCredentials}
    house.clock.tick(minutes=5)
    with pytest.raises(TooManyAttempts) as refusal:
        house.log_in(ADA, PASSWORD, STRANGER)
    assert refusal.value.retry_after == 600
    assert guess(house, ADA, PASSWORD, ELSEWHERE) is None


def test_what_is_refused_openly_is_not_checked_and_counts_no_further() -> None:
    """So nobody uses up an account's guesses from a network that is spent."""
    house = House(Policy(guesses=Guesses(network=Rate(limit=3, window=timedelta(minutes=15)))))
    house.join()
    for _ in range(2):
        guess(house)
    with house.counted() as calls:
        for _ in range(30):
            assert guess(house) is TooManyAttempts
    assert "hasher.matches" not in calls
    assert EventKind.LOGIN_FAILED in house.events()
    assert house.events().count(EventKind.LOGIN_FAILED) == 2
    assert guess(house, ADA, PASSWORD, ELSEWHERE) is None


@pytest.mark.parametrize(
    ("networks", "is_shared"),
    [
        (("192.0.2.1", "192.0.2.2"), False),
        (("192.0.2.1", "::ffff:192.0.2.1"), True),
        (("2001:db8::1", "2001:db8:0:0:ffff::1"), True),
        (("2001:db8::1", "2001:db8:0:1::1"), False),
        (("fe80::1%eth0", "fe80::2%eth1"), True),
        (("pipe", "pipe"), True),
        (("pipe", "tube"), False),
        ((None, None), False),
    ],
)
def test_hst_02_what_one_subscriber_holds_is_one_network(
    networks: tuple[str | None, str | None],
    is_shared: bool,  # noqa: FBT001 - a table
) -> None:
    house = House(Policy(guesses=Guesses(network=Rate(limit=2, window=timedelta(minutes=15)))))
    for _ in range(2):
        guess(house, EVE, WRONG, Client(network=networks[0]))
    assert (guess(house, EVE, WRONG, Client(network=networks[1])) is TooManyAttempts) is is_shared


def test_hst_02_a_wide_network_has_a_count_of_its_own() -> None:
    """A provider that gets a /48 has 65,536 times a /64."""
    house = House(Policy(guesses=Guesses(wide_network=Rate(limit=5, window=timedelta(minutes=15)))))
    outcomes = [guess(house, EVE, WRONG, Client(network=f"2001:db8:0:{i:x}::1")) for i in range(6)]
    assert outcomes == [InvalidCredentials] * 5 + [TooManyAttempts]
    assert guess(house, EVE, WRONG, Client(network="2001:db8:1::1")) is InvalidCredentials


def test_a_success_clears_the_accounts_count() -> None:
    house = House()
    house.join()
    for _ in range(3):
        for _ in range(9):
            guess(house)
        assert guess(house, ADA, PASSWORD) is None
        house.clock.tick(minutes=15)


def test_thr_06_a_known_browser_is_free_of_what_strangers_use_up() -> None:
    house = House()
    known = attrs.evolve(CLIENT, device=house.join().device)
    for _ in range(15):
        everywhere(house, 21)
        house.clock.tick(minutes=15)
    everywhere(house, 25)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        for _ in range(4):
            guess(house, Username(f"nobody{letter}"))
    assert guess(house, Username("nobody"), WRONG) is TooManyAttempts
    assert guess(house, ADA, PASSWORD, STRANGER) is TooManyAttempts
    assert guess(house, ADA, PASSWORD, known) is None


def test_after_fifty_guesses_from_strangers_only_known_browsers_get_in_until_the_password_is_replaced() -> None:
    """Time does not free; neither does the success of a known browser; a reset does."""
    house = House()
    known = attrs.evolve(CLIENT, device=house.join().device)
    for _ in range(6):
        everywhere(house, 15)
        house.clock.tick(minutes=15)
    house.clock.tick(days=30)
    assert guess(house, ADA, PASSWORD, STRANGER) is InvalidCredentials
    assert guess(house, ADA, PASSWORD, known) is None
    assert guess(house, ADA, PASSWORD, STRANGER) is InvalidCredentials
    house.auth.password_reset.complete(house.reset(), NEW_PASSWORD, client=CLIENT)
    assert guess(house, ADA, NEW_PASSWORD, STRANGER) is None


def test_a_known_browser_has_ten_guesses_of_its_own_and_is_one_like_any_other_then() -> None:
    """Time does not give them back, but it frees what is counted for everybody; else an owner were out for good."""
    house = House()
    known = attrs.evolve(CLIENT, device=house.join().device)
    for _ in range(2):
        assert [guess(house, ADA, WRONG, known) for _ in range(9)] == [InvalidCredentials] * 9
        assert guess(house, ADA, PASSWORD, known) is None
    assert [guess(house, ADA, WRONG, known) for _ in range(10)] == [InvalidCredentials] * 10
    assert [guess(house, ADA, WRONG, known) for _ in range(10)] == [InvalidCredentials] * 10
    assert guess(house, ADA, PASSWORD, known) is InvalidCredentials
    house.clock.tick(days=365)
    assert guess(house, ADA, PASSWORD, known) is None


def test_l7_a_known_browser_that_goes_on_guessing_is_told_to_stop() -> None:
    """Else anybody with an account of their own could keep the hasher busy without end."""
    house = House()
    known = attrs.evolve(CLIENT, device=house.join().device)
    answers = [guess(house, ADA, WRONG, known) for _ in range(40)]
    assert answers[-1] is TooManyAttempts


def test_a_browser_that_two_accounts_share_has_another_name_for_each() -> None:
    """No account takes over a name that it has not given, so nobody can plant one in a browser or bring one along."""
    house = House()
    device = house.join().device
    shared = attrs.evolve(CLIENT, device=device)
    house.join(EVE, "eve")
    assert house.log_in(EVE, client=shared).device != device
    assert house.log_in(client=shared).device == device


def test_a_browser_that_used_up_its_guesses_is_free_again_after_a_reset() -> None:
    """Else the owner of a new password could not log in with it from the browser that set it."""
    house = House()
    known = attrs.evolve(CLIENT, device=house.join().device)
    for _ in range(10):
        guess(house, ADA, WRONG, known)
    house.auth.password_reset.request(ADA, client=known)
    device = house.auth.password_reset.complete(house.link(), NEW_PASSWORD, client=known)
    assert guess(house, ADA, NEW_PASSWORD, attrs.evolve(CLIENT, device=device)) is None


def test_an_invented_browser_is_a_stranger() -> None:
    house = House()
    house.join()
    house.join(EVE, "eve")
    known_to_eve = house.log_in(EVE).device
    for device in (known_to_eve, Token("invented")):
        for _ in range(5):
            assert guess(house, ADA, WRONG, attrs.evolve(CLIENT, device=device)) is InvalidCredentials
    assert guess(house, ADA, PASSWORD) is InvalidCredentials


def test_thr_01_thr_02_no_more_than_a_hundred_guesses_ever_reach_the_hash() -> None:
    """NIST SP 800-63B-4, 3.2.2: from everywhere, for months, with five stolen browsers, no guess succeeding."""
    house = House()
    devices = [house.join().device]
    for _ in range(4):
        house.clock.tick(seconds=1)
        devices.append(house.log_in().device)
    before = len(house.calls)
    for day in range(60):
        house.clock.tick(days=1)
        for name in (ADA, Username("ada")):
            for part in range(8):
                guess(house, name, WRONG, Client(network=f"203.{day}.{part}.1"))
        for device in devices:
            guess(house, ADA, WRONG, Client(network="192.0.2.99", device=device))
    assert checks(house, before) == 100
    assert [guess(house, ADA, PASSWORD, attrs.evolve(CLIENT, device=device)) for device in devices] == [
        InvalidCredentials
    ] * 5


def test_a_hash_made_with_other_parameters_is_renewed_at_the_next_login() -> None:
    """D55: and nothing else notices."""
    house = House()
    session = house.join().session
    before = house.account()
    assert before.password_hash is not None
    assert guess(house, ADA, PASSWORD) is None
    assert house.account().password_hash == before.password_hash
    house.hasher.cost = 2
    assert guess(house, ADA, WRONG) is InvalidCredentials
    assert house.account().password_hash == before.password_hash
    assert guess(house, ADA, PASSWORD) is None
    after = house.account()
    assert after.password_hash is not None
    assert after.password_hash.reveal().startswith("plain$2$")
    assert (after.generation, after.version) == (before.generation, before.version + 1)
    assert house.is_logged_in(session)
    assert guess(house, ADA, PASSWORD) is None


def test_l2_a_rehash_that_loses_is_dropped_and_the_login_goes_on() -> None:
    house = House()
    house.join()
    before = house.account()
    house.hasher.cost = 2
    house.hasher.meanwhile = lambda: house.auth.roles.grant(before.id, MODERATOR.name, actor="ops")
    opened = house.log_in()
    assert house.account().password_hash == before.password_hash
    assert house.auth.login.account_of(opened.session).can("MODERATE")


def test_what_nobody_holds_is_counted_but_not_for_ever() -> None:
    """Anybody may type any number of identifiers; housekeeping forgets them all."""
    house = House()
    for letter in "abcdefghij":
        guess(house, Username(f"nobody{letter}"))
    house.clock.tick(minutes=15)
    assert house.throttle.sweep(house.clock.now()) == 1 + 3 * 10
