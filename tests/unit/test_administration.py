"""Administration: operators shut, open and cut off; they see and choose no password."""

from __future__ import annotations

from uuid import UUID

import attrs
import pytest

from offbrand.domain.errors import InvalidCredentials, InvalidToken, UnknownAccount, WrongState
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import AccountId
from tests.unit.house import ADA, CLIENT, EVE, NEW_PASSWORD, STRANGER, House, outcome_of

NOBODY = AccountId(UUID(int=7))


def test_d52_a_disabled_account_is_shut_at_once_until_it_is_enabled() -> None:
    house = House()
    session = house.join().session
    account_id = house.account().id
    house.auth.administration.disable(account_id, actor="ops")
    assert not house.is_logged_in(session)
    assert outcome_of(house.log_in) is InvalidCredentials
    assert house.account().state == "disabled"
    house.auth.administration.enable(account_id, actor="ops")
    assert not house.is_logged_in(session)
    assert house.is_logged_in(house.log_in().session)
    disabled, enabled = (event for event in house.auth.audit.after() if event.actor == "ops")
    assert (disabled.kind, enabled.kind, disabled.account_id) == (EventKind.DISABLED, EventKind.ENABLED, account_id)


def test_a_disabled_account_keeps_its_claims_and_is_not_purged() -> None:
    house = House()
    house.join()
    house.auth.administration.disable(house.account().id, actor="ops")
    house.clock.tick(days=400)
    house.auth.housekeeping.purge()
    house.sign_up(ADA, "countess")
    assert house.letters()[-1] is LetterKind.ALREADY_REGISTERED


def test_an_operator_ends_sessions_and_links_stay() -> None:
    house = House()
    tokens = [house.join().session, house.log_in().session]
    theirs = house.join(EVE, "eve").session
    resetting = house.reset()
    assert house.auth.administration.end_sessions(house.account().id, actor="ops") == 2
    assert [house.is_logged_in(token) for token in (*tokens, theirs)] == [False, False, True]
    assert house.auth.administration.end_sessions(house.account().id, actor="ops") == 0
    house.auth.password_reset.complete(resetting, NEW_PASSWORD, client=CLIENT)
    last = next(event for event in house.auth.audit.after() if event.kind is EventKind.SESSIONS_ENDED)
    assert last.actor == "ops"


def test_a_removed_password_ends_sessions_links_and_known_browsers_and_the_owner_gets_a_link() -> None:
    house = House()
    opened = house.join()
    resetting = house.reset()
    house.auth.administration.remove_password(house.account().id, actor="ops")
    assert house.account().password_hash is None
    assert not house.is_logged_in(opened.session)
    assert outcome_of(house.log_in) is InvalidCredentials
    with pytest.raises(InvalidToken):
        house.auth.password_reset.complete(resetting, NEW_PASSWORD, client=CLIENT)
    assert house.letters()[-1] is LetterKind.PASSWORD_RESET
    house.auth.password_reset.complete(house.link(), NEW_PASSWORD, client=STRANGER)
    house.log_in(password=NEW_PASSWORD, client=attrs.evolve(CLIENT, device=opened.device))
    assert house.letters()[-1] is LetterKind.NEW_LOGIN


def test_the_link_of_a_removed_password_needs_no_budget() -> None:
    house = House()
    house.join()
    for _ in range(9):
        house.auth.password_reset.request(ADA, client=CLIENT)
    house.auth.administration.remove_password(house.account().id, actor="ops")
    house.auth.password_reset.complete(house.link(), NEW_PASSWORD, client=CLIENT)


def test_operators_are_told_when_an_account_is_in_the_wrong_state() -> None:
    house = House()
    session = house.join().session
    account_id = house.account().id
    administration = house.auth.administration
    assert outcome_of(lambda: administration.enable(account_id, actor="ops")) is WrongState
    administration.disable(account_id, actor="ops")
    assert outcome_of(lambda: administration.disable(account_id, actor="ops")) is WrongState
    assert outcome_of(lambda: administration.remove_password(account_id, actor="ops")) is WrongState
    administration.enable(account_id, actor="ops")
    assert not house.is_logged_in(session)
    house.auth.closing.close(house.log_in().session, client=CLIENT)
    for act in (administration.disable, administration.enable, administration.remove_password):
        with pytest.raises(WrongState):
            act(account_id, actor="ops")


def test_operators_are_told_when_there_is_no_such_account() -> None:
    house = House()
    administration = house.auth.administration
    acts = (administration.disable, administration.enable, administration.end_sessions, administration.remove_password)
    for act in acts:
        with pytest.raises(UnknownAccount):
            act(NOBODY, actor="ops")
    assert house.events() == []
