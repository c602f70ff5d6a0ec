"""Password change: who is logged in and knows the password sets another, and every other browser is out."""

from __future__ import annotations

import attrs
import pytest

from offbrand.domain.errors import (
    AuthError,
    Busy,
    InvalidCredentials,
    NotLoggedIn,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.policy import Guesses, Policy, Rate
from offbrand.domain.values import Password, Token
from tests.unit.house import ADA, CLIENT, NEW_PASSWORD, PASSWORD, STRANGER, WRONG, House, outcome_of
from tests.unit.read_committed import ReadCommitted


def change(
    house: House, session: Token, current: Password = PASSWORD, new: Password = NEW_PASSWORD
) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.password_change.change(session, current, new, client=CLIENT))


def test_ses_03_this_browser_gets_a_new_session_and_every_other_one_ends() -> None:
    house = House()
    others = [house.join().session, house.log_in(client=STRANGER).session]
    remembered = house.auth.login.log_in(ADA, PASSWORD, True, client=STRANGER).session  # noqa: FBT003 - as a form has it
    opened = house.log_in()
    changed = house.auth.password_change.change(opened.session, PASSWORD, NEW_PASSWORD, client=CLIENT)
    for token in (*others, remembered, opened.session):
        assert not house.is_logged_in(token)
    assert house.is_logged_in(changed.session)
    assert (changed.expires_at, changed.device) == (opened.expires_at, None)
    assert len(house.auth.sessions.of(changed.session)) == 1
    assert house.auth.sessions.current(changed.session).is_proved


def test_the_new_password_works_and_the_old_one_does_not() -> None:
    house = House()
    assert change(house, house.join().session) is None
    assert outcome_of(house.log_in) is InvalidCredentials
    house.log_in(password=NEW_PASSWORD)


def test_d47_the_owner_is_told() -> None:
    house = House()
    change(house, house.join().session)
    assert house.letters()[-1] is LetterKind.PASSWORD_CHANGED
    assert house.mailbox.newest(ADA).token is None
    assert house.events()[-1] is EventKind.PASSWORD_CHANGED


def test_a_known_browser_stays_known() -> None:
    house = House()
    opened = house.join()
    browser = attrs.evolve(CLIENT, device=opened.device)
    house.auth.password_change.change(opened.session, PASSWORD, NEW_PASSWORD, client=browser)
    house.log_in(password=NEW_PASSWORD, client=browser)
    assert LetterKind.NEW_LOGIN not in house.letters()


def test_l8_every_other_browser_is_a_stranger_again() -> None:
    """A thief who once knew the password may have a known one, and its guesses are free of the network's limits."""
    house = House()
    opened = house.join()
    thief = attrs.evolve(CLIENT, device=house.log_in().device)
    change(house, opened.session)
    seen = house.letters().count(LetterKind.NEW_LOGIN)
    house.log_in(password=NEW_PASSWORD, client=thief)
    assert house.letters().count(LetterKind.NEW_LOGIN) == seen + 1


def test_who_is_not_logged_in_changes_nothing() -> None:
    house = House()
    session = house.join().session
    house.auth.login.log_out(session, client=CLIENT)
    for token in (session, Token("forged")):
        assert change(house, token) is NotLoggedIn
    house.log_in()


def test_a_wrong_current_password_is_refused_recorded_and_counted() -> None:
    house = House()
    session = house.join().session
    assert [change(house, session, WRONG) for _ in range(10)] == [WrongPassword] * 10
    assert house.events()[-1] is EventKind.PROOF_FAILED
    assert change(house, session) is WrongPassword
    house.clock.tick(minutes=15)
    assert change(house, session) is None


def test_d13_a_weak_new_password_is_refused() -> None:
    house = House()
    session = house.join().session
    for weak in (Password("short"), Password("correct horse battery staple")):
        assert change(house, session, new=weak) is WeakPassword
    assert house.is_logged_in(session)


def test_a_spent_network_is_refused_openly() -> None:
    house = House(Policy(guesses=Guesses(network=Rate(limit=2, window=Guesses().network.window))))
    session = house.join().session
    assert [change(house, session, WRONG), change(house, session)] == [WrongPassword, TooManyAttempts]


def test_l7_a_full_line_changes_nothing() -> None:
    house = House()
    session = house.join().session
    house.hasher.is_full = True
    assert change(house, session) is Busy
    house.hasher.is_full = False
    house.log_in()
    assert house.is_logged_in(session)


def test_a_change_that_comes_second_is_refused() -> None:
    """Whatever ended the session while the password was checked wins."""
    house = House()
    session = house.join().session
    token = house.reset()
    third = Password("five foxes in a fountain")
    house.hasher.meanwhile = lambda: house.auth.password_reset.complete(token, third, client=CLIENT)
    assert change(house, session) is NotLoggedIn
    house.log_in(password=third)
    assert house.letters().count(LetterKind.PASSWORD_CHANGED) == 1


def test_l3_a_session_that_ended_before_the_account_was_locked_changes_nothing() -> None:
    house = House()
    session = house.join().session
    auth = house.assemble(unit_of_work=ReadCommitted(house.store))
    with pytest.raises(NotLoggedIn):
        auth.password_change.change(session, PASSWORD, NEW_PASSWORD, client=CLIENT)
    assert EventKind.PASSWORD_CHANGED not in house.events()
    assert house.is_logged_in(session)


def test_l8_the_mailbox_gets_its_letters_back_because_the_links_it_has_are_void() -> None:
    house = House()
    session = house.join().session
    for _ in range(5):
        house.reset()
    assert change(house, session) is None
    house.auth.password_reset.request(ADA, client=CLIENT)
    assert house.letters()[-1] is LetterKind.PASSWORD_RESET


def test_a_change_frees_what_strangers_used_up() -> None:
    house = House()
    opened = house.join()
    for _ in range(10):
        outcome_of(lambda: house.log_in(password=WRONG, client=STRANGER))
    client = attrs.evolve(CLIENT, device=opened.device)
    house.auth.password_change.change(opened.session, PASSWORD, NEW_PASSWORD, client=client)
    house.log_in(password=NEW_PASSWORD, client=STRANGER)
