"""The undo of an email change: the former mailbox takes the account back, whatever a thief has done since."""

from __future__ import annotations

import attrs
import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.errors import (
    AddressTaken,
    AuthError,
    InvalidCredentials,
    InvalidToken,
    UnknownAccount,
    WrongState,
)
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import Token, Username
from tests.unit.house import ADA, CLIENT, EVE, NEW_ADA, NEW_PASSWORD, PASSWORD, STRANGER, House, outcome_of


def undo(house: House, token: Token) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.email_change.undo(token, client=CLIENT))


def test_the_former_mailbox_takes_the_account_back() -> None:
    """The password goes, sessions end, nobody is logged in, and a reset link comes to the restored address."""
    house = House()
    opened, token = house.move(house.join().session)
    other = house.log_in(NEW_ADA).session
    assert undo(house, token) is None
    account = house.account(ADA)
    assert (account.password_hash, account.undo_email, account.undo_until) == (None, None, None)
    for session in (opened.session, other):
        assert not house.is_logged_in(session)
    assert outcome_of(house.log_in) is InvalidCredentials
    assert house.letters()[-1] is LetterKind.EMAIL_RESTORED
    house.auth.password_reset.complete(house.link(), NEW_PASSWORD, client=CLIENT)
    house.log_in(ADA, NEW_PASSWORD)
    assert EventKind.EMAIL_RESTORED in house.events()


def test_an_undo_outlives_every_password_that_a_thief_sets() -> None:
    house = House()
    opened, token = house.move(house.join().session)
    changed = house.auth.password_change.change(opened.session, PASSWORD, NEW_PASSWORD, client=STRANGER)
    house.auth.password_reset.complete(house.reset(NEW_ADA), PASSWORD, client=STRANGER)
    thief = house.log_in(NEW_ADA, PASSWORD, STRANGER)
    house.auth.login.prove(thief.session, PASSWORD, client=STRANGER)
    assert undo(house, token) is None
    for session in (changed.session, thief.session):
        assert not house.is_logged_in(session)
    assert house.account(ADA).email == ADA


def test_an_undo_voids_what_the_thief_still_holds() -> None:
    """Links that were asked for, and browsers that became known."""
    house = House()
    _, token = house.move(house.join().session)
    thief = attrs.evolve(STRANGER, device=house.log_in(NEW_ADA, client=STRANGER).device)
    resetting = house.reset(NEW_ADA)
    assert undo(house, token) is None
    reset = outcome_of(lambda: house.auth.password_reset.complete(resetting, NEW_PASSWORD, client=thief))
    assert reset is InvalidToken
    house.auth.password_reset.complete(house.link(), NEW_PASSWORD, client=CLIENT)
    house.log_in(ADA, NEW_PASSWORD, thief)
    assert house.letters()[-1] is LetterKind.NEW_LOGIN


def test_an_undo_works_once_and_a_link_of_another_purpose_does_not() -> None:
    house = House()
    session = house.join().session
    changing, resetting = house.ask_for_change(session), house.reset()
    for wrong in (changing, resetting, Token("forged"), Token("")):
        assert undo(house, wrong) is InvalidToken
    house.auth.email_change.complete(session, changing, client=CLIENT)
    token = house.link()
    assert undo(house, token) is None
    assert undo(house, token) is InvalidToken


@pytest.mark.parametrize(("seconds", "outcome"), [(-1, None), (0, InvalidToken), (1, InvalidToken)])
def test_tok_05_an_undo_lives_for_a_week(seconds: int, outcome: type[AuthError] | None) -> None:
    house = House()
    _, token = house.move(house.join().session)
    house.clock.tick(days=7, seconds=seconds)
    assert undo(house, token) is outcome


def test_an_undo_is_refused_when_somebody_else_has_the_address_by_now() -> None:
    house = House()
    opened, token = house.move(house.join().session)
    house.join(ADA, "quick")
    before = house.events()
    assert undo(house, token) is AddressTaken
    assert house.is_logged_in(opened.session)
    assert house.events() == before
    assert house.account(NEW_ADA).undo_email == ADA


def test_an_undo_of_an_earlier_change_does_not_undo_a_later_one() -> None:
    """A to B, undone; A to B once more: the first link is dead, the second works."""
    house = House()
    _, first = house.move(house.join().session)
    assert undo(house, first) is None
    house.auth.password_reset.complete(house.link(), NEW_PASSWORD, client=CLIENT)
    house.clock.tick(seconds=1)
    _, second = house.move(house.log_in(ADA, NEW_PASSWORD).session)
    assert undo(house, first) is InvalidToken
    assert undo(house, second) is None


@pytest.mark.parametrize("state", ["disabled", "closed"])
def test_only_an_active_account_is_taken_back(state: str) -> None:
    house = House()
    opened, token = house.move(house.join().session)
    if state == "disabled":
        house.auth.administration.disable(house.account(NEW_ADA).id, actor="ops")
        assert undo(house, token) is InvalidToken
        house.auth.administration.enable(house.account(NEW_ADA).id, actor="ops")
        assert undo(house, token) is None
    else:
        house.auth.email_change.end_undo(house.account(NEW_ADA).id, actor="ops")
        house.auth.closing.close(opened.session, client=CLIENT)
        assert undo(house, token) is InvalidToken


def test_an_operator_ends_the_undo_and_nothing_else_ends() -> None:
    house = House()
    opened, token = house.move(house.join().session)
    resetting = house.reset(NEW_ADA)
    house.auth.email_change.end_undo(house.account(NEW_ADA).id, actor="ops")
    assert undo(house, token) is InvalidToken
    assert house.is_logged_in(opened.session)
    assert house.auth.landing.look(resetting, Purpose.PASSWORD_RESET).account.email == NEW_ADA
    last = house.auth.audit.after()[-1]
    assert (last.kind, last.actor) == (EventKind.EMAIL_UNDO_ENDED, "ops")
    house.auth.email_change.request(opened.session, EVE, client=CLIENT)


def test_there_is_nothing_to_end_without_a_change_or_an_account() -> None:
    house = House()
    house.join()
    with pytest.raises(WrongState):
        house.auth.email_change.end_undo(house.account().id, actor="ops")
    unknown = house.auth.invitation.invite(EVE, Username("eve"), actor="ops")
    house.clock.tick(days=7)
    house.auth.housekeeping.purge()
    with pytest.raises(UnknownAccount):
        house.auth.email_change.end_undo(unknown, actor="ops")
