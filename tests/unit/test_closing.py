"""Closing: at once, for good after two weeks, and never behind the back of the former address."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from offbrand.adapters.mail.composer import Composer, default_links
from offbrand.domain.errors import (
    AuthError,
    InvalidCredentials,
    NotLoggedIn,
    ProofNeeded,
    UnknownAccount,
    UsernameTaken,
    WrongState,
)
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import AccountId, Token, Username
from tests.unit.house import ADA, CLIENT, EVE, GRACE, NEW_ADA, NEW_PASSWORD, PASSWORD, STRANGER, House, outcome_of
from tests.unit.read_committed import ReadCommitted

COMPOSER = Composer(
    links=default_links("https://example.org"),
    base_url="https://example.org",
    sender="no-reply@example.org",
    subject_prefix="",
    product="Offbrand",
)


def close(house: House, session: Token) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.closing.close(session, client=CLIENT))


def test_closing_ends_everything_at_once_and_tells_the_owner() -> None:
    house = House()
    session, other = house.join().session, house.log_in().session
    assert close(house, session) is None
    for token in (session, other):
        assert not house.is_logged_in(token)
    assert outcome_of(house.log_in) is InvalidCredentials
    assert house.account().state == "closed"
    assert house.letters()[-1] is LetterKind.ACCOUNT_CLOSED
    assert house.mailbox.newest(ADA).token is None
    assert house.events()[-2:] == [EventKind.CLOSED, EventKind.LOGIN_FAILED]


@pytest.mark.parametrize("is_reopened", [False, True])
def test_the_letter_says_until_when_the_account_can_be_opened_again(*, is_reopened: bool) -> None:
    """That moment is the account's own, however late the letter leaves, and gone once somebody has reopened it."""
    house = House()
    close(house, house.join().session)
    house.clock.tick(hours=20)
    if is_reopened:
        house.auth.closing.reopen(house.account().id, actor="ops")
    letter = house.mailbox.newest(ADA, LetterKind.ACCOUNT_CLOSED)
    assert letter.purge_at == house.account().purge_at
    for part in COMPOSER.compose(letter).iter_parts():
        words = " ".join(part.get_content().split())
        assert ("deleted for good after 19 January 2026, 12:00 UTC." in words) is not is_reopened
        assert ("deleted for good soon." in words) is is_reopened


def test_the_claims_of_a_closed_account_stay_until_it_is_purged() -> None:
    house = House()
    close(house, house.join().session)
    assert outcome_of(lambda: house.sign_up(GRACE, "ada")) is UsernameTaken
    house.sign_up(ADA, "countess")
    assert house.letters()[-1] is LetterKind.ALREADY_REGISTERED
    house.clock.tick(days=14, seconds=-1)
    assert house.auth.housekeeping.purge().accounts == 1
    assert house.account().state == "closed"
    house.clock.tick(seconds=1)
    assert house.auth.housekeeping.purge().accounts == 1
    house.join(ADA, "ada")
    assert house.account().roles == {"User"}


def test_closing_needs_a_session_with_fresh_proof() -> None:
    house = House()
    session = house.join().session
    house.clock.tick(minutes=10)
    assert close(house, session) is ProofNeeded
    assert close(house, Token("forged")) is NotLoggedIn
    assert close(house, house.auth.login.prove(session, PASSWORD, client=CLIENT).session) is None
    assert close(house, session) is NotLoggedIn


def test_an_operator_reopens_without_the_password() -> None:
    """Whoever closed it may have been a thief."""
    house = House()
    session = house.join().session
    close(house, session)
    account_id = house.account().id
    house.auth.closing.reopen(account_id, actor="ops")
    account = house.account()
    assert (account.state, account.password_hash, account.purge_at) == ("active", None, None)
    assert not house.is_logged_in(session)
    assert outcome_of(house.log_in) is InvalidCredentials
    assert house.letters()[-1] is LetterKind.PASSWORD_RESET
    house.auth.password_reset.complete(house.link(), NEW_PASSWORD, client=CLIENT)
    house.log_in(ADA, NEW_PASSWORD)
    reopened = next(event for event in house.auth.audit.after() if event.kind is EventKind.REOPENED)
    assert (reopened.actor, reopened.network) == ("ops", None)


def test_a_reopened_account_is_not_purged() -> None:
    house = House()
    close(house, house.join().session)
    house.auth.closing.reopen(house.account().id, actor="ops")
    house.clock.tick(days=15)
    assert house.auth.housekeeping.purge().accounts == 0


def test_only_a_closed_account_is_reopened() -> None:
    house = House()
    house.join()
    with pytest.raises(WrongState):
        house.auth.closing.reopen(house.account().id, actor="ops")
    with pytest.raises(UnknownAccount):
        house.auth.closing.reopen(AccountId(UUID(int=7)), actor="ops")


def test_an_owner_takes_all_data_along_as_plain_json() -> None:
    house = House()
    house.join(EVE, "eve")
    opened, _ = house.move(house.join().session)
    house.log_in(NEW_ADA, client=STRANGER)
    exported = house.auth.closing.export(opened.session, client=CLIENT)
    assert json.loads(json.dumps(exported)) == exported
    account = exported["account"]
    assert (account["email"], account["former_email"], account["username"]) == (str(NEW_ADA), str(ADA), "ada")
    assert (account["state"], account["has_password"], account["roles"]) == ("active", True, ["User"])
    assert account["permissions"] == ["COMMENT", "FOLLOW", "WRITE"]
    assert account["confirmed_at"] == "2026-01-05T12:00:00+00:00"
    assert {session["network"] for session in exported["sessions"]} == {CLIENT.network, STRANGER.network}
    assert [event["kind"] for event in exported["events"]][:2] == ["exported", "logged_in"]
    assert len(exported["events"]) == len(house.auth.audit.of(house.account(NEW_ADA).id, 1000))


def test_l9_an_export_holds_no_secret() -> None:
    house = House()
    opened = house.join()
    text = json.dumps(house.auth.closing.export(opened.session, client=CLIENT))
    password_hash = house.account().password_hash
    assert password_hash is not None
    assert opened.device is not None
    secrets = (opened.session.reveal(), opened.session.digest(), opened.device.reveal(), password_hash.reveal())
    assert not [secret for secret in secrets if secret in text]
    assert json.loads(text)["account"]["former_email"] is None


def test_an_export_needs_a_session_with_fresh_proof() -> None:
    house = House()
    session = house.join().session
    house.clock.tick(minutes=10)
    with pytest.raises(ProofNeeded):
        house.auth.closing.export(session, client=CLIENT)
    with pytest.raises(NotLoggedIn):
        house.auth.closing.export(Token("forged"), client=CLIENT)
    assert EventKind.EXPORTED not in house.events()


def test_prv_01_whoever_registers_after_the_purge_inherits_nothing() -> None:
    house = House()
    session = house.join().session
    house.auth.roles.grant(house.account().id, "Administrator", actor="ops")
    former = house.account().id
    close(house, session)
    house.clock.tick(days=14)
    house.auth.housekeeping.purge()
    house.join()
    assert house.account().id != former
    assert house.account().roles == {"User"}
    kinds = [event.kind for event in house.auth.audit.of(former)]
    assert kinds[0] is EventKind.PURGED
    assert {(event.network, event.user_agent) for event in house.auth.audit.of(former)} == {(None, None)}
    assert house.account(Username("ada")).email == ADA


def test_l3_a_session_that_ended_before_the_account_was_locked_closes_nothing() -> None:
    house = House()
    session = house.join().session
    auth = house.assemble(unit_of_work=ReadCommitted(house.store))
    with pytest.raises(NotLoggedIn):
        auth.closing.close(session, client=CLIENT)
    assert house.account().is_active
