"""Registration: a pending account that claims nothing, one letter, and no word to whoever asks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from offbrand.domain.errors import Busy, UsernameTaken, WeakPassword
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.policy import Policy
from offbrand.domain.values import EmailAddress, Password, Username
from tests.unit.house import ADA, CLIENT, DEFAULT, EVE, GRACE, PASSWORD, House, outcome_of

SHORT = Password("fourteen chars")


def test_l1_registering_makes_a_pending_account_and_opens_nothing() -> None:
    house = House()
    house.sign_up()
    (account,) = house.accounts()
    assert (account.state, account.email, str(account.username)) == ("pending", ADA, "ada")
    assert account.purge_at == house.clock.now() + timedelta(days=3)
    assert account.registered_at == house.clock.now()
    assert outcome_of(house.log_in) is not None
    assert "sessions.add" not in {call.name for call in house.calls}


def test_l5_the_event_and_the_letter_are_written_with_the_account() -> None:
    house = House()
    house.sign_up()
    (event,) = house.auth.audit.after()
    (letter,) = house.written()
    (account,) = house.accounts()
    assert (event.kind, event.account_id, event.network) == (EventKind.REGISTERED, account.id, CLIENT.network)
    assert (letter.kind, letter.recipient, letter.event_id) == (LetterKind.CONFIRMATION, ADA, event.id)
    assert letter.expires_at == account.purge_at


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        (SHORT, "at least 15"),
        (Password(""), "at least 15"),
        (Password("\u00e9" * 14), "at least 15"),
        (Password("Correct Horse Battery Staple"), "easy to guess"),
    ],
    ids=["short", "empty", "short in characters", "listed"],
)
def test_d13_a_weak_password_is_refused_with_the_reason(password: Password, reason: str) -> None:
    house = House()
    with pytest.raises(WeakPassword) as refusal:
        house.sign_up(ADA, password=password)
    assert reason in refusal.value.reason
    assert (house.accounts(), house.events(), house.written()) == ([], [], [])


@pytest.mark.parametrize("word", ["Lanterns and Ladders", "ada.of.lanterns.and.ladders", "a.lovelace.of.lanterns"])
def test_d13_the_words_of_the_context_are_no_password(word: str) -> None:
    """ASVS 6.2.11: the product's name, the username, and either part of the address."""
    house = House(Policy(product="Lanterns and Ladders"))
    with pytest.raises(WeakPassword) as refusal:
        house.sign_up(
            EmailAddress.parse("a.lovelace.of.lanterns@example.org"), "ada.of.lanterns.and.ladders", Password(word)
        )
    assert "easy to guess" in refusal.value.reason


def test_inp_06_the_length_is_counted_in_characters_and_blanks_count() -> None:
    for password in (" " * 15, "\U0001f511" * 15, "x" * 14 + " "):
        House().sign_up(password=Password(password))


def test_the_shortest_password_is_the_policys_choice() -> None:
    House(Policy(password_min=14)).sign_up(password=SHORT)


def test_a_username_that_somebody_holds_is_refused_in_every_spelling() -> None:
    house = House()
    house.join(ADA, "ada")
    before = (len(house.accounts()), house.events(), len(house.written()))
    for username in ("ada", "ADA"):
        with pytest.raises(UsernameTaken):
            house.sign_up(GRACE, username)
    assert (len(house.accounts()), house.events(), len(house.written())) == before


def test_d24_a_pending_account_reserves_neither_address_nor_username() -> None:
    house = House()
    for email in (ADA, ADA, GRACE):
        house.sign_up(email, "ada")
    assert [account.state for account in house.accounts()] == ["pending"] * 3
    assert house.letters() == [LetterKind.CONFIRMATION] * 2
    house.join(EVE, "ada")
    assert house.account(Username("ada")).email == EVE


def test_d24_a_pending_account_is_gone_after_three_days() -> None:
    house = House()
    house.sign_up()
    house.clock.tick(days=3)
    assert house.auth.housekeeping.purge().accounts == 1
    assert house.accounts() == []


def test_d15_the_owner_of_an_address_is_told_by_letter_and_gets_no_link() -> None:
    house = House()
    house.join()
    house.sign_up(EmailAddress.parse("ADA@example.org"), "countess")
    house.deliver()
    letter = house.mailbox.newest(ADA)
    assert (letter.kind, letter.token, letter.username) == (LetterKind.ALREADY_REGISTERED, None, "ada")
    assert house.account().email == ADA


def test_d25_a_mailbox_gets_five_confirmations_an_hour_and_the_asker_is_not_told() -> None:
    house = House()
    for _ in range(9):
        house.sign_up()
    assert house.letters() == [LetterKind.CONFIRMATION] * 5
    assert len(house.written()) == 9
    house.sign_up(GRACE)
    assert house.letters(GRACE) == [LetterKind.CONFIRMATION]
    house.clock.tick(hours=1)
    house.sign_up()
    assert len(house.letters()) == 6


def test_l8_behind_a_suppressed_letter_lies_a_link_that_works() -> None:
    house = House()
    for _ in range(5):
        house.sign_up()
    house.clock.tick(minutes=59)
    house.sign_up(ADA, "countess")
    assert len(house.letters()) == 5
    house.auth.confirmation.complete(house.link(), PASSWORD, client=CLIENT)


def test_l7_a_full_line_costs_nothing() -> None:
    house = House()
    house.hasher.is_full = True
    with pytest.raises(Busy) as refusal:
        house.sign_up()
    assert refusal.value.retry_after == 3
    assert (house.accounts(), house.events(), house.written()) == ([], [], [])
    assert "throttle.count" not in [call.name for call in house.calls]


def test_d8_d9_roles_never_come_from_an_address_or_a_name() -> None:
    house = House()
    for email, username in (("admin@offbrand.example", "administratrix"), ("root@example.org", "adalovelace")):
        house.join(EmailAddress.parse(email), username)
        assert house.account(EmailAddress.parse(email)).roles == DEFAULT.first_roles == {"User"}
        assert not house.account(EmailAddress.parse(email)).can("ADMIN")
