"""Roles: named sets of permissions that operators grant; D8: nobody gets one by an address."""

from __future__ import annotations

from uuid import UUID

import pytest

from offbrand.domain.errors import UnknownAccount, UnknownRole, WrongState
from offbrand.domain.events import EventKind
from offbrand.domain.policy import Policy
from offbrand.domain.roles import ADMINISTRATOR, MODERATOR, USER, Role, permissions_of
from offbrand.domain.values import AccountId, Username
from tests.unit.house import ADA, CLIENT, PASSWORD, House, outcome_of

NOBODY = AccountId(UUID(int=7))


def test_the_origins_three_roles_grow_from_each_other() -> None:
    assert USER.permissions == {"FOLLOW", "COMMENT", "WRITE"}
    assert MODERATOR.permissions == USER.permissions | {"MODERATE"}
    assert ADMINISTRATOR.permissions == MODERATOR.permissions | {"ADMIN"}


def test_d50_roles_add_up_and_a_name_that_no_role_has_grants_nothing() -> None:
    roles = (USER, Role("Editor", frozenset({"WRITE", "EDIT"})))
    assert permissions_of(["User", "Editor", "Emperor"], roles) == {"FOLLOW", "COMMENT", "WRITE", "EDIT"}
    assert permissions_of(["user"], roles) == frozenset()
    assert permissions_of([], roles) == frozenset()
    assert permissions_of(["User"], []) == frozenset()


def test_a_granted_role_is_effective_at_the_next_request_of_the_same_session() -> None:
    """SES-04: and so is a revoked one; no session ends."""
    house = House()
    session = house.join().session
    account_id = house.account().id
    house.auth.roles.grant(account_id, "Administrator", actor="ops")
    assert house.auth.login.account_of(session).can("ADMIN")
    house.auth.roles.revoke(account_id, "Administrator", actor="ops")
    account = house.auth.login.account_of(session)
    assert (account.can("ADMIN"), account.can("WRITE")) == (False, True)
    house.auth.roles.revoke(account_id, "User", actor="ops")
    assert not house.auth.login.account_of(session).can("WRITE")


def test_a_grant_is_recorded_with_its_operator_and_its_role_and_only_when_something_changes() -> None:
    house = House()
    house.join()
    account_id = house.account().id
    for _ in range(2):
        house.auth.roles.grant(account_id, "Moderator", actor="ops")
    for _ in range(2):
        house.auth.roles.revoke(account_id, "Moderator", actor="ops2")
    granted, revoked = house.auth.audit.after()[-2:]
    assert (granted.kind, granted.actor, granted.outcome) == (EventKind.ROLE_GRANTED, "ops", "Moderator")
    assert (revoked.kind, revoked.actor, revoked.outcome) == (EventKind.ROLE_REVOKED, "ops2", "Moderator")
    assert (granted.account_id, revoked.account_id) == (account_id, account_id)
    assert house.events().count(EventKind.ROLE_GRANTED) == 1


def test_only_roles_that_exist_are_granted() -> None:
    house = House()
    house.join()
    for name in ("Emperor", "administrator", "", "ADMIN"):
        with pytest.raises(UnknownRole):
            house.auth.roles.grant(house.account().id, name, actor="ops")
    assert house.account().roles == {"User"}


def test_a_role_that_no_longer_exists_can_still_be_revoked() -> None:
    house = House()
    session = house.join().session
    house.auth.roles.grant(house.account().id, "Moderator", actor="ops")
    smaller = house.assemble(policy=Policy(roles=(USER,)))
    assert not smaller.login.account_of(session).can("MODERATE")
    smaller.roles.revoke(house.account().id, "Moderator", actor="ops")
    assert house.account().roles == {"User"}


def test_d8_a_pending_account_is_granted_nothing() -> None:
    """Whoever registered it has not proved to be anybody."""
    house = House()
    token = house.register()
    (pending,) = house.accounts()
    with pytest.raises(WrongState):
        house.auth.roles.grant(pending.id, "Administrator", actor="ops")
    house.auth.confirmation.complete(token, PASSWORD, client=CLIENT)
    assert house.account(ADA).roles == {"User"}


def test_d8_d9_no_flow_of_an_owner_gives_a_role() -> None:
    house = House()
    before = house.join()
    opened, _ = house.move(before.session)
    assert house.auth.login.account_of(opened.session).roles == {"User"}
    session = house.auth.password_change.change(opened.session, PASSWORD, PASSWORD, client=CLIENT).session
    assert house.auth.login.account_of(session).permissions == USER.permissions


def test_operators_are_told_when_there_is_no_such_account() -> None:
    house = House()
    assert outcome_of(lambda: house.auth.roles.grant(NOBODY, "User", actor="ops")) is UnknownAccount
    assert outcome_of(lambda: house.auth.roles.revoke(NOBODY, "User", actor="ops")) is UnknownAccount


def test_the_list_of_roles_is_the_policys() -> None:
    house = House(Policy(roles=(USER, Role("Editor", frozenset({"EDIT"})))))
    assert [role.name for role in house.auth.roles.list()] == ["User", "Editor"]
    house.join()
    house.auth.roles.grant(house.account().id, "Editor", actor="ops")
    assert house.account(Username("ada")).can("EDIT")
