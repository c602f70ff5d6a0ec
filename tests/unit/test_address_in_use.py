"""An address in use: what its owner is told by letter when somebody registers it, for each state of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs
import pytest

from offbrand.adapters.mail.composer import Composer, default_links
from offbrand.domain.letters import LetterKind
from tests.unit.house import ADA, CLIENT, House

if TYPE_CHECKING:
    from email.message import EmailMessage

    from offbrand.domain.letters import ReadyLetter

LOGIN, RESET = "https://accounts.example.org/auth/login", "https://accounts.example.org/auth/reset"
COMPOSER = Composer(
    links=default_links("https://accounts.example.org"),
    base_url="https://accounts.example.org",
    sender="no-reply@example.org",
    subject_prefix="",
    product="Offbrand",
)


def told(letter: ReadyLetter) -> list[str]:
    """Return what the letter says, as text and in HTML, each in one line."""
    parts = cast("list[EmailMessage]", list(COMPOSER.compose(letter).iter_parts()))
    return [" ".join(part.get_content().split()) for part in parts]


def letter_of(house: House) -> ReadyLetter:
    """Return what Ada gets when somebody registers her address."""
    house.sign_up(ADA, "countess")
    house.deliver()
    letter = house.mailbox.newest(ADA)
    assert (letter.kind, letter.token) == (LetterKind.ALREADY_REGISTERED, None)
    return letter


def test_the_owner_of_an_active_account_may_log_in_or_choose_a_new_password() -> None:
    house = House()
    house.join()
    for text in told(letter_of(house)):
        assert "It belongs to your account already, so there is nothing to confirm" in text
        assert LOGIN in text
        assert RESET in text


def test_the_owner_of_a_closed_account_learns_when_it_is_deleted_and_who_can_reopen_it() -> None:
    """No login lets them in, and a reset sends no letter."""
    house = House()
    house.auth.closing.close(house.join().session, client=CLIENT)
    for text in told(letter_of(house)):
        assert "your account, which is closed" in text
        assert "It is deleted for good after 19 January 2026, 12:00 UTC." in text
        assert "If you want the account back, ask an operator of Offbrand before that." in text
        assert LOGIN not in text
        assert RESET not in text


def test_the_owner_of_a_disabled_account_is_sent_to_an_operator() -> None:
    house = House()
    house.join()
    house.auth.administration.disable(house.account().id, actor="ops")
    for text in told(letter_of(house)):
        assert "your account, which is disabled" in text
        assert "Nobody can log in to it until an operator of Offbrand enables it again." in text
        assert LOGIN not in text
        assert RESET not in text


def test_the_letter_says_what_is_so_when_it_leaves() -> None:
    """An operator may have reopened the account while the mail server was down."""
    house = House()
    house.auth.closing.close(house.join().session, client=CLIENT)
    house.sign_up(ADA, "countess")
    house.auth.closing.reopen(house.account().id, actor="ops")
    house.deliver()
    assert house.mailbox.newest(ADA, LetterKind.ALREADY_REGISTERED).account_state == "active"


@pytest.mark.parametrize("state", ["active", "closed", "disabled"])
def test_no_letter_says_that_whoever_asked_was_told(state: str) -> None:
    house = House()
    house.join()
    for text in told(attrs.evolve(letter_of(house), account_state=state)):
        assert "has not been told that you have an account" in text


def test_without_a_date_a_closed_account_is_deleted_soon() -> None:
    """A host's own letters may have none."""
    house = House()
    house.join()
    for text in told(attrs.evolve(letter_of(house), account_state="closed", purge_at=None)):
        assert "It is soon deleted for good." in text
