"""Confirmation: the mailbox and the password together make an account, and nobody confirms a stranger's choice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.errors import (
    AddressTaken,
    AuthError,
    Busy,
    InvalidCredentials,
    InvalidToken,
    TooManyAttempts,
    UsernameTaken,
    WeakPassword,
    WrongPassword,
)
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress, Password, Token, Username
from tests.unit.house import (
    ADA,
    CLIENT,
    EVE,
    GRACE,
    NEW_PASSWORD,
    PASSWORD,
    STRANGER,
    WRONG,
    House,
    outcome_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTESS = Username("countess")


def complete(house: House, token: Token, password: Password = PASSWORD) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.confirmation.complete(token, password, client=CLIENT))


def complete_anew(house: House, token: Token, username: str = "countess") -> type[AuthError] | None:
    name = Username.parse(username)
    return outcome_of(lambda: house.auth.confirmation.complete_anew(token, name, NEW_PASSWORD, client=CLIENT))


def test_d33_link_and_password_confirm_claim_and_log_in() -> None:
    """On any device, logged in or not."""
    house = House()
    opened = house.auth.confirmation.complete(house.register(), PASSWORD, client=STRANGER)
    account = house.auth.login.account_of(opened.session)
    assert (account.state, account.email, account.generation) == ("active", ADA, 2)
    assert account.can("WRITE")
    assert (opened.remembered, opened.expires_at) == (False, house.clock.now() + timedelta(hours=24))
    assert opened.device is not None
    assert house.events() == [EventKind.REGISTERED, EventKind.CONFIRMED]
    assert house.auth.sessions.current(opened.session).is_proved


def test_the_link_alone_confirms_nothing() -> None:
    house = House()
    token = house.register()
    assert complete(house, token, WRONG) is WrongPassword
    assert house.accounts()[0].state == "pending"
    failed = house.auth.audit.after()[-1]
    assert (failed.kind, failed.outcome, failed.account_id) == (
        EventKind.PROOF_FAILED,
        "refused",
        house.accounts()[0].id,
    )
    assert complete(house, token) is None


def test_l8_the_password_behind_a_link_can_be_guessed_ten_times() -> None:
    house = House()
    token = house.register()
    assert [complete(house, token, WRONG) for _ in range(10)] == [WrongPassword] * 10
    assert complete(house, token) is WrongPassword
    house.clock.tick(minutes=15)
    assert complete(house, token) is None


def test_l8_guesses_count_for_the_network_here_too() -> None:
    house = House()
    tokens = [house.register(EmailAddress(f"{letter}@example.org"), letter) for letter in "abcdefghijk"]
    for token in tokens[:10]:
        assert [complete(house, token, WRONG) for _ in range(10)] == [WrongPassword] * 10
    assert complete(house, tokens[10]) is TooManyAttempts
    elsewhere = outcome_of(lambda: house.auth.confirmation.complete(tokens[10], PASSWORD, client=STRANGER))
    assert elsewhere is None


def test_tok_03_a_link_works_once() -> None:
    house = House()
    token = house.register()
    assert complete(house, token) is None
    for attempt in (complete(house, token), complete_anew(house, token)):
        assert attempt is InvalidToken
    assert outcome_of(lambda: house.auth.confirmation.discard(token, client=CLIENT)) is InvalidToken


def test_tok_05_a_link_lives_as_long_as_the_account() -> None:
    for seconds, outcome in ((-1, None), (0, InvalidToken), (1, InvalidToken)):
        house = House()
        token = house.register()
        house.clock.tick(days=3, seconds=seconds)
        assert complete(house, token) is outcome


def test_a_link_of_another_purpose_or_none_confirms_nothing() -> None:
    house = House()
    house.join()
    house.register(GRACE, "grace")
    for token in (house.reset(), Token("forged"), Token("")):
        assert complete(house, token) is InvalidToken
        assert complete_anew(house, token) is InvalidToken
        with pytest.raises(InvalidToken):
            house.auth.confirmation.discard(token, client=CLIENT)


def test_d7_who_confirms_anew_discards_what_a_stranger_chose() -> None:
    """PRE-01: the stranger's password never works, and neither does the stranger's name."""
    house = House()
    token = house.register(ADA, "eve.was.here", WRONG)
    assert complete_anew(house, token) is None
    assert str(house.account().username) == "countess"
    assert outcome_of(lambda: house.log_in(ADA, WRONG)) is InvalidCredentials
    assert outcome_of(lambda: house.log_in(Username("eve.was.here"), WRONG)) is InvalidCredentials
    assert house.is_logged_in(house.log_in(COUNTESS, NEW_PASSWORD).session)
    with pytest.raises(LookupError):
        house.mailbox.newest(EVE)


def test_d7_a_strangers_password_never_opens_an_account_that_its_owner_confirmed() -> None:
    house = House()
    strangers, owners = house.register(ADA, "ada", WRONG), house.register(ADA, "ada", PASSWORD)
    assert complete(house, strangers, PASSWORD) is WrongPassword
    assert complete(house, owners, PASSWORD) is None
    assert complete(house, strangers, WRONG) is AddressTaken
    assert outcome_of(lambda: house.log_in(ADA, WRONG)) is InvalidCredentials


def test_confirming_anew_asks_the_policy() -> None:
    house = House()
    token = house.register()
    with pytest.raises(WeakPassword):
        house.auth.confirmation.complete_anew(token, COUNTESS, Password("short"), client=CLIENT)
    assert house.accounts()[0].state == "pending"
    assert complete_anew(house, token) is None


def test_a_spent_count_of_guesses_does_not_keep_the_mailbox_owner_out() -> None:
    house = House()
    token = house.register(password=WRONG)
    for _ in range(11):
        complete(house, token, PASSWORD)
    assert complete_anew(house, token) is None
    assert outcome_of(lambda: house.log_in(ADA, NEW_PASSWORD)) is None


def test_l8_who_is_refused_another_username_gets_no_more_guesses_at_the_password_of_a_registration() -> None:
    """It stays, and so does what was counted of it; else the mailbox's owner could guess at it for ever."""
    house = House()
    house.join(GRACE, "countess")
    token = house.register()
    for _ in range(10):
        complete(house, token, WRONG)
    assert complete_anew(house, token) is UsernameTaken
    assert complete(house, token) is WrongPassword


def test_d19_a_username_that_was_claimed_meanwhile_is_refused_and_another_one_works() -> None:
    house = House()
    token = house.register(ADA, "ada")
    house.join(GRACE, "ada")
    assert complete(house, token) is UsernameTaken
    assert complete_anew(house, token, "ADA") is UsernameTaken
    assert house.events()[-1] is EventKind.CONFIRMED
    assert complete_anew(house, token) is None


def test_rac_01_an_address_is_claimed_once() -> None:
    house = House()
    first, second = house.register(ADA, "ada"), house.register(ADA, "countess")
    assert complete(house, first) is None
    assert complete(house, second) is AddressTaken
    assert complete_anew(house, second, "lovelace") is AddressTaken
    assert [account.state for account in house.accounts()] == ["active", "pending"]


def test_pre_01_the_mailbox_owner_can_say_that_it_was_somebody_else() -> None:
    house = House()
    token = house.register()
    house.auth.confirmation.discard(token, client=CLIENT)
    assert house.accounts() == []
    assert house.events() == [EventKind.REGISTERED, EventKind.REGISTRATION_DISCARDED]
    assert complete(house, token) is InvalidToken


def test_l8_discarding_gives_the_mailbox_its_letters_back() -> None:
    house = House()
    for _ in range(5):
        token = house.register()
    house.auth.confirmation.discard(token, client=CLIENT)
    assert complete(house, house.register()) is None
    assert len(house.letters()) == 6


def test_an_invited_account_has_no_password_to_confirm_with() -> None:
    house = House()
    house.auth.invitation.invite(ADA, Username("ada"), actor="ops")
    token = house.link()
    assert complete(house, token, Password("")) is WrongPassword
    assert complete_anew(house, token) is None


def test_d34_a_fresh_link_is_sent_and_voids_no_earlier_one() -> None:
    """The newest pending account of the address gets it."""
    house = House()
    older, newer = house.register(ADA, "ada"), house.register(ADA, "countess")
    house.auth.confirmation.request(ADA, client=CLIENT)
    fresh = house.link()
    assert len({older, newer, fresh}) == 3
    assert str(house.auth.landing.look(fresh, Purpose.CONFIRMATION).account.username) == "countess"
    assert complete(house, newer) is None
    assert complete(house, fresh) is InvalidToken


def test_a_fresh_link_of_an_invitation_is_an_invitation() -> None:
    house = House()
    house.auth.invitation.invite(ADA, Username("ada"), actor="ops")
    house.auth.confirmation.request(ADA, client=CLIENT)
    assert house.letters() == [LetterKind.INVITATION] * 2


def test_who_has_no_pending_account_gets_no_link() -> None:
    house = House()
    house.join()
    house.sign_up(ADA, "countess")
    before = len(house.letters())
    for email in (ADA, EVE):
        house.auth.confirmation.request(email, client=CLIENT)
        assert house.written()[-1].recipient is None
    assert (len(house.letters()), house.letters(EVE)) == (before, [])
    assert house.events()[-2:] == [EventKind.CONFIRMATION_REQUESTED] * 2


def test_d25_fresh_links_share_the_budget_of_registrations() -> None:
    house = House()
    house.register()
    for _ in range(9):
        house.auth.confirmation.request(ADA, client=CLIENT)
    assert len(house.letters()) == 5
    assert complete(house, house.link()) is None


@pytest.mark.parametrize("attempt", [complete, complete_anew])
def test_l7_a_full_line_leaves_the_link_alive(attempt: Callable[[House, Token], type[AuthError] | None]) -> None:
    house = House()
    token = house.register()
    house.hasher.is_full = True
    assert attempt(house, token) is Busy
    house.hasher.is_full = False
    assert attempt(house, token) is None
