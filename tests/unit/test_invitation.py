"""Invitation: an operator registers somebody, who proves the mailbox and chooses the password."""

from __future__ import annotations

import pytest

from offbrand.domain.errors import AddressTaken, AuthError, InvalidToken, UnknownRole, UsernameTaken
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import Username
from tests.unit.house import ADA, CLIENT, GRACE, NEW_PASSWORD, WRONG, House, outcome_of

NAME = Username("ada")


def complete(house: House) -> type[AuthError] | None:
    token = house.link()
    return outcome_of(lambda: house.auth.confirmation.complete_anew(token, NAME, NEW_PASSWORD, client=CLIENT))


def test_the_invited_choose_their_password_and_hold_the_roles_they_were_invited_with() -> None:
    house = House()
    account_id = house.auth.invitation.invite(ADA, NAME, actor="ops", roles=["Moderator"])
    (pending,) = house.accounts()
    assert (pending.id, pending.state, pending.password_hash) == (account_id, "pending", None)
    assert complete(house) is None
    account = house.account()
    assert account.id == account_id
    assert account.roles == {"User", "Moderator"}
    assert account.can("MODERATE")
    house.log_in(password=NEW_PASSWORD)


def test_an_invitation_is_recorded_with_its_operator_and_sends_one_letter() -> None:
    house = House()
    house.auth.invitation.invite(ADA, NAME, actor="ops")
    (event,) = house.auth.audit.after()
    assert (event.kind, event.actor, event.network) == (EventKind.INVITED, "ops", None)
    assert house.letters() == [LetterKind.INVITATION]


@pytest.mark.parametrize(("seconds", "outcome"), [(-1, None), (0, InvalidToken), (1, InvalidToken)])
def test_tok_05_an_invitation_lives_for_a_week(seconds: int, outcome: type[AuthError] | None) -> None:
    house = House()
    house.auth.invitation.invite(ADA, NAME, actor="ops")
    house.deliver()
    house.clock.tick(days=7, seconds=seconds)
    assert complete(house) is outcome


def test_what_is_claimed_is_told_to_the_operator() -> None:
    house = House()
    house.join()
    before = house.events()
    for email, name, refusal in ((ADA, Username("countess"), AddressTaken), (GRACE, NAME, UsernameTaken)):
        with pytest.raises(refusal):
            house.auth.invitation.invite(email, name, actor="ops")
    assert (house.events(), len(house.accounts())) == (before, 1)


def test_an_invitation_names_only_roles_that_exist() -> None:
    house = House()
    with pytest.raises(UnknownRole):
        house.auth.invitation.invite(ADA, NAME, actor="ops", roles=["Emperor"])
    assert house.accounts() == []


def test_pre_01_a_stranger_who_registered_the_address_first_gains_nothing_by_the_invitation() -> None:
    house = House()
    house.register(ADA, "ada", WRONG)
    house.auth.invitation.invite(ADA, NAME, actor="ops", roles=["Administrator"])
    assert complete(house) is None
    assert outcome_of(lambda: house.log_in(ADA, WRONG)) is not None
    assert house.account().roles == {"User", "Administrator"}


def test_an_invitation_reserves_nothing() -> None:
    house = House()
    house.auth.invitation.invite(ADA, NAME, actor="ops", roles=["Administrator"])
    house.deliver()
    house.join(GRACE, "ada")
    assert complete(house) is UsernameTaken
    assert house.account(GRACE).roles == {"User"}
