"""Claims: a token works for one purpose, one account and one address, and not a moment too long (law L2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import attrs
import pytest

from offbrand.domain.claims import Claim, Purpose
from offbrand.domain.errors import InvalidToken
from offbrand.domain.values import AccountId, EmailAddress
from tests.unit.people import ADA, NEW_ADA, NEWER_HASH, NOW, SECOND, active, pending

if TYPE_CHECKING:
    from offbrand.domain.account import Account

UNTIL = NOW + timedelta(hours=1)
MOVED = active().change_email(NEW_ADA, undo_until=UNTIL)
EVE = EmailAddress("eve@example.org")

# What each purpose is for: the account it fits, and the address that it names.
FITTING: dict[Purpose, tuple[Account, EmailAddress]] = {
    Purpose.CONFIRMATION: (pending(), ADA),
    Purpose.PASSWORD_RESET: (active(), ADA),
    Purpose.EMAIL_CHANGE: (active(), NEW_ADA),
    Purpose.EMAIL_UNDO: (MOVED, ADA),
}


def claim_of(purpose: Purpose) -> Claim:
    account, email = FITTING[purpose]
    return Claim(purpose=purpose, account_id=account.id, generation=account.generation, expires_at=UNTIL, email=email)


def holds(claim: Claim, account: Account | None, after: timedelta = timedelta()) -> bool:
    try:
        checked = claim.check(account, NOW + after)
    except InvalidToken:
        return False
    assert checked is account
    return True


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(("moment", "works"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
def test_tok_05_a_link_dies_exactly_when_it_expires(purpose: Purpose, moment: timedelta, works: bool) -> None:  # noqa: FBT001 - a table
    assert holds(claim_of(purpose), FITTING[purpose][0], timedelta(hours=1) + moment) is works


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_is_for_one_account(purpose: Purpose) -> None:
    account, _ = FITTING[purpose]
    assert holds(claim_of(purpose), account)
    assert not holds(claim_of(purpose), None)
    assert not holds(claim_of(purpose), attrs.evolve(account, id=AccountId(UUID(int=99))))


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.EMAIL_UNDO])
@pytest.mark.parametrize("step", [-1, 1])
def test_d4_d5_a_link_is_for_one_generation(purpose: Purpose, step: int) -> None:
    account, _ = FITTING[purpose]
    assert not holds(claim_of(purpose), attrs.evolve(account, generation=account.generation + step))


def test_the_undo_outlives_what_a_thief_may_do() -> None:
    """Else whoever took the account over would void the link by setting a password."""
    undo = claim_of(Purpose.EMAIL_UNDO)
    assert holds(undo, MOVED.set_password(NEWER_HASH).set_password(NEWER_HASH))
    assert not holds(undo, MOVED.undo_email_change())
    assert not holds(undo, MOVED.end_undo())
    assert not holds(undo, attrs.evolve(MOVED, undo_email=EVE))
    assert not holds(undo, attrs.evolve(MOVED, undo_until=UNTIL + timedelta(microseconds=1)))


@pytest.mark.parametrize("purpose", [Purpose.CONFIRMATION, Purpose.PASSWORD_RESET, Purpose.EMAIL_UNDO])
def test_d22_a_link_is_for_the_address_it_was_sent_to(purpose: Purpose) -> None:
    account, _ = FITTING[purpose]
    assert not holds(attrs.evolve(claim_of(purpose), email=EVE), account)


def test_d22_the_case_of_an_address_does_not_void_a_link() -> None:
    upper = EmailAddress("ADA@example.org")
    assert holds(attrs.evolve(claim_of(Purpose.CONFIRMATION), email=upper), pending())


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("state", ["pending", "active", "disabled", "closed"])
def test_a_link_works_in_one_state_of_the_account(purpose: Purpose, state: str) -> None:
    """Confirmation while pending, everything else while active; the generation alone would not tell."""
    account, _ = FITTING[purpose]
    moved_on = attrs.evolve(
        account,
        confirmed_at=None if state == "pending" else NOW,
        disabled_at=NOW if state == "disabled" else None,
        closed_at=NOW if state == "closed" else None,
    )
    wanted = "pending" if purpose is Purpose.CONFIRMATION else "active"
    assert holds(claim_of(purpose), moved_on) is (state == wanted)


def test_a_purpose_is_a_word_of_a_path() -> None:
    assert [str(purpose) for purpose in Purpose] == ["confirm", "reset", "change-email", "undo-email"]
