"""Races: many at once, one winner (law L2), every loser with a refusal, and everything committed together (law L5)."""

from __future__ import annotations

import threading
from functools import partial

from offbrand.domain.errors import (
    AddressTaken,
    InvalidCredentials,
    InvalidToken,
    NotLoggedIn,
    StaleAccount,
    UsernameTaken,
    WrongPassword,
)
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import Client, EmailAddress, Password, Username
from tests.unit.house import ADA, CLIENT, NEW_ADA, NEW_PASSWORD, PASSWORD, STRANGER, WRONG, House, at_once

MANY = 50


def meet_at_the_hasher(house: House, parties: int) -> None:
    """Let everybody who hashes wait for all the others, so that all have read before anybody writes."""
    house.hasher.before_hash = threading.Barrier(parties, timeout=60).wait


def test_tok_04_fifty_at_once_redeem_one_reset_link_and_one_succeeds() -> None:
    house = House()
    house.join()
    token = house.reset()
    passwords = [Password(f"password of thread number {number}") for number in range(MANY)]
    meet_at_the_hasher(house, MANY)
    complete = partial(house.auth.password_reset.complete, token, client=CLIENT)
    outcomes = at_once([partial(complete, password) for password in passwords])
    assert outcomes.count(None) == 1
    assert set(outcomes) == {None, InvalidToken}
    house.hasher.before_hash = None
    house.log_in(ADA, passwords[outcomes.index(None)])
    assert house.events().count(EventKind.PASSWORD_RESET) == 1
    assert house.letters().count(LetterKind.PASSWORD_CHANGED) == 1
    assert house.account().generation == 3


def test_rac_01_twenty_at_once_confirm_one_address_and_one_wins() -> None:
    house = House()
    names = [f"ada{letter}" for letter in "abcdefghijklmnopqrst"]
    tokens = []
    for name in names:
        house.clock.tick(minutes=15)  # a mailbox gets five links an hour
        tokens.append(house.register(ADA, name))
    complete = house.auth.confirmation.complete
    outcomes = at_once([partial(complete, token, PASSWORD, client=CLIENT) for token in tokens])
    assert (outcomes.count(None), outcomes.count(AddressTaken)) == (1, 19)
    winner = names[outcomes.index(None)]
    assert [str(account.username) for account in house.accounts() if account.is_active] == [winner]
    assert house.events().count(EventKind.CONFIRMED) == 1


def test_rac_02_twenty_at_once_confirm_one_username_and_one_wins() -> None:
    house = House()
    emails = [EmailAddress(f"{letter}@example.org") for letter in "abcdefghijklmnopqrst"]
    tokens = [house.register(email, "ada") for email in emails]
    complete = house.auth.confirmation.complete
    outcomes = at_once([partial(complete, token, PASSWORD, client=CLIENT) for token in tokens])
    assert (outcomes.count(None), outcomes.count(UsernameTaken)) == (1, 19)
    assert house.account(Username("ada")).email == emails[outcomes.index(None)]


def test_one_link_is_confirmed_anew_by_twenty_and_one_wins() -> None:
    house = House()
    token = house.register()
    meet_at_the_hasher(house, 20)
    anew = partial(house.auth.confirmation.complete_anew, token, client=CLIENT)
    names = [Username(f"ada{letter}") for letter in "abcdefghijklmnopqrst"]
    outcomes = at_once([partial(anew, name, NEW_PASSWORD) for name in names])
    assert (outcomes.count(None), outcomes.count(InvalidToken)) == (1, 19)
    assert str(house.account().username) == names[outcomes.index(None)].text
    house.hasher.before_hash = None
    assert len(house.auth.sessions.of(house.log_in(password=NEW_PASSWORD).session)) == 2


def test_rac_06_a_double_submit_changes_a_password_once() -> None:
    house = House()
    session = house.join().session
    change = partial(house.auth.password_change.change, session, PASSWORD, NEW_PASSWORD, client=CLIENT)
    meet_at_the_hasher(house, 2)
    outcomes = at_once([change, change])
    assert outcomes.count(None) == 1
    assert set(outcomes) <= {None, NotLoggedIn, WrongPassword}
    assert house.letters().count(LetterKind.PASSWORD_CHANGED) == 1


def test_rac_06_a_double_submit_moves_an_account_once() -> None:
    house = House()
    session = house.join().session
    complete = partial(house.auth.email_change.complete, session, house.ask_for_change(session), client=CLIENT)
    outcomes = at_once([complete] * 10)
    assert (outcomes.count(None), outcomes.count(NotLoggedIn)) == (1, 9)
    assert house.letters().count(LetterKind.EMAIL_CHANGED) == 1
    assert house.account(NEW_ADA).undo_email == ADA


def test_one_undo_works_for_ten_at_once_once() -> None:
    house = House()
    _, token = house.move(house.join().session)
    outcomes = at_once([partial(house.auth.email_change.undo, token, client=CLIENT)] * 10)
    assert (outcomes.count(None), outcomes.count(InvalidToken)) == (1, 9)
    assert house.letters().count(LetterKind.EMAIL_RESTORED) == 1


def test_ten_at_once_prove_with_one_session_and_one_gets_the_new_token() -> None:
    house = House()
    session = house.join().session
    outcomes = at_once([partial(house.auth.login.prove, session, PASSWORD, client=CLIENT)] * 10)
    assert (outcomes.count(None), outcomes.count(NotLoggedIn)) == (1, 9)
    assert house.events().count(EventKind.PROVED) == 1


def test_rac_04_reset_and_email_change_at_once_end_in_one_of_the_two_orders() -> None:
    for _ in range(5):
        house = House()
        session = house.join().session
        resetting, changing = house.reset(), house.ask_for_change(session)
        outcomes = at_once(
            [
                partial(house.auth.password_reset.complete, resetting, NEW_PASSWORD, client=CLIENT),
                partial(house.auth.email_change.complete, session, changing, client=CLIENT),
            ]
        )
        assert outcomes in ([None, NotLoggedIn], [InvalidToken, None])


def test_thr_04_two_hundred_guesses_at_once_and_the_right_one_among_them() -> None:
    """No more reach the hash than are allowed, whoever comes first."""
    house = House()
    house.join()
    before = len(house.calls)
    guesses = [partial(house.log_in, ADA, WRONG, Client(network=f"203.0.113.{number}")) for number in range(60)]
    outcomes = at_once(guesses)
    checked = [call for call in house.calls[before:] if call.name == "hasher.matches" and call.arguments[1] is not None]
    assert len(checked) == 10
    assert InvalidCredentials in outcomes
    assert None not in outcomes


def test_twenty_logins_at_once_all_succeed() -> None:
    house = House()
    house.join()
    assert at_once([partial(house.log_in, ADA, PASSWORD, Client()) for _ in range(20)]) == [None] * 20


def test_l3_logins_beside_a_reset_leave_no_session_of_the_old_password() -> None:
    house = House()
    session = house.join().session
    token = house.reset()
    reset = partial(house.auth.password_reset.complete, token, NEW_PASSWORD, client=STRANGER)
    outcomes = at_once([reset, *(partial(house.log_in, ADA, PASSWORD, Client()) for _ in range(8))])
    assert outcomes[0] is None
    assert set(outcomes[1:]) <= {None, StaleAccount, InvalidCredentials}
    assert not house.is_logged_in(session)
    assert len(house.auth.sessions.of(house.log_in(password=NEW_PASSWORD).session)) == 1
