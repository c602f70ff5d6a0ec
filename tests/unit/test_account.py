"""Account: from state to state, what each change voids, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.domain.account import Account
from offbrand.domain.errors import AddressUnchanged, AuthError, UndoPending, WrongState
from offbrand.domain.roles import ADMINISTRATOR, MODERATOR, USER, Role
from offbrand.domain.values import EmailAddress, Username
from tests.unit.people import ADA, HASH, NEW_ADA, NEWER_HASH, NOW, SECOND, active, pending

if TYPE_CHECKING:
    from collections.abc import Callable

LATER = NOW + timedelta(days=1)
UNTIL = NOW + timedelta(days=7)
MOVED = active().change_email(NEW_ADA, undo_until=UNTIL)
DISABLED = active().disable(LATER)
CLOSED = active().close(LATER, purge_at=LATER)

Transition = tuple[Account, Account]

VOIDING: dict[str, Transition] = {
    "confirmation": (pending(), pending().confirm(LATER)),
    "confirmation anew": (pending(), pending().confirm_anew(Username("countess"), NEWER_HASH, LATER)),
    "password set": (active(), active().set_password(NEWER_HASH)),
    "password removed": (active(), active().remove_password()),
    "email change": (active(), MOVED),
    "undo": (MOVED, MOVED.undo_email_change()),
    "disable": (active(), DISABLED),
    "enable": (DISABLED, DISABLED.enable()),
    "close": (active(), CLOSED),
    "reopen": (CLOSED, CLOSED.reopen()),
}
SPARING: dict[str, Transition] = {
    "rehash": (active(), active().rehash(NEWER_HASH)),
    "grant": (active(), active().grant(MODERATOR)),
    "revoke": (active(), active().revoke("User")),
    "end of undo": (MOVED, MOVED.end_undo()),
    "reading of roles": (active(), active().empowered([USER])),
}


@pytest.mark.parametrize("name", VOIDING)
def test_l2_what_voids_links_and_sessions_raises_the_generation_by_one(name: str) -> None:
    before, after = VOIDING[name]
    assert after.generation == before.generation + 1


@pytest.mark.parametrize("name", SPARING)
def test_l2_what_voids_nothing_leaves_the_generation_alone(name: str) -> None:
    before, after = SPARING[name]
    assert after.generation == before.generation


@pytest.mark.parametrize("name", VOIDING | SPARING)
def test_a_transition_leaves_version_identity_and_the_account_before_alone(name: str) -> None:
    before, after = (VOIDING | SPARING)[name]
    untouched = ("id", "version", "avatar_id", "registered_at", "last_seen_at")
    assert [getattr(after, field) for field in untouched] == [getattr(before, field) for field in untouched]
    assert after is not before
    assert after != before


def test_every_transition_is_in_one_of_the_two_lists() -> None:
    """A new one must say whether it voids links and sessions."""
    questions = {"can", "check_new_email", "check_settled", "is_awaited", "unsettled_until"}
    methods = {name for name in vars(Account) if not name.startswith("_") and callable(getattr(Account, name))}
    assert len(methods - questions) == len(VOIDING | SPARING)


def test_l1_a_pending_account_opens_nothing() -> None:
    account = pending(roles=frozenset({"Administrator"})).empowered([ADMINISTRATOR])
    assert account.is_pending
    assert not account.is_active
    assert account.state == "pending"
    assert not account.can("ADMIN")


def test_confirming_ends_the_wait_for_the_purge() -> None:
    account = pending().confirm(LATER)
    assert (account.state, account.confirmed_at, account.purge_at) == ("active", LATER, None)
    assert account.password_hash == HASH


def test_confirming_anew_discards_what_a_stranger_chose() -> None:
    account = pending().confirm_anew(Username("countess"), NEWER_HASH, LATER)
    assert (account.state, account.confirmed_at, account.purge_at) == ("active", LATER, None)
    assert (str(account.username), account.password_hash) == ("countess", NEWER_HASH)


def test_changing_the_address_remembers_the_former_one() -> None:
    assert (MOVED.email, MOVED.undo_email, MOVED.undo_until) == (NEW_ADA, ADA, UNTIL)
    assert MOVED.password_hash == HASH


def test_undoing_restores_the_address_and_removes_the_password() -> None:
    account = MOVED.undo_email_change()
    assert (account.email, account.undo_email, account.undo_until) == (ADA, None, None)
    assert account.password_hash is None


def test_ending_the_undo_keeps_the_new_address() -> None:
    account = MOVED.end_undo()
    assert (account.email, account.undo_email, account.undo_until) == (NEW_ADA, None, None)
    assert account.password_hash == HASH


@pytest.mark.parametrize(("moment", "refusal"), [(-SECOND, UndoPending), (0 * SECOND, None), (SECOND, None)])
def test_while_an_undo_lives_the_address_stays_and_the_account_stays_open(
    moment: timedelta, refusal: type[AuthError] | None
) -> None:
    at = UNTIL + moment
    other = EmailAddress("countess@example.org")
    checks: list[Callable[[], object]] = [
        lambda: MOVED.check_settled(at),
        lambda: MOVED.check_new_email(other, at),
        lambda: MOVED.close(at, purge_at=at),
    ]
    assert MOVED.unsettled_until(at) == (UNTIL if refusal else None)
    for check in checks:
        if refusal:
            with pytest.raises(refusal):
                check()
        else:
            check()


def test_the_new_address_must_be_another_one() -> None:
    with pytest.raises(AddressUnchanged):
        active().check_new_email(EmailAddress("ADA@example.org"), NOW)
    active().check_new_email(NEW_ADA, NOW)


def test_a_pending_undo_is_named_before_an_unchanged_address() -> None:
    with pytest.raises(UndoPending):
        MOVED.check_new_email(NEW_ADA, NOW)


def test_d52_disabled_and_closed_are_states_that_can_be_left() -> None:
    assert (DISABLED.state, DISABLED.is_active, DISABLED.disabled_at) == ("disabled", False, LATER)
    assert (DISABLED.enable().state, DISABLED.enable().password_hash) == ("active", HASH)
    assert (CLOSED.state, CLOSED.is_active, CLOSED.closed_at, CLOSED.purge_at) == ("closed", False, LATER, LATER)
    reopened = CLOSED.reopen()
    assert (reopened.state, reopened.closed_at, reopened.purge_at, reopened.password_hash) == (
        "active",
        None,
        None,
        None,
    )


ALLOWED: dict[str, tuple[set[str], Callable[[Account], Account]]] = {
    "disable": ({"active"}, lambda account: account.disable(NOW)),
    "enable": ({"disabled"}, lambda account: account.enable()),
    "reopen": ({"closed"}, lambda account: account.reopen()),
    "remove_password": ({"active"}, lambda account: account.remove_password()),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_a_transition_starts_from_its_state_only(name: str) -> None:
    states, transition = ALLOWED[name]
    for account in (pending(), active(), DISABLED, CLOSED):
        if account.state in states:
            transition(account)
            continue
        with pytest.raises(WrongState) as refusal:
            transition(account)
        assert refusal.value.reason.endswith(".")


def test_there_is_nothing_to_undo_before_a_change() -> None:
    for transition in (active().undo_email_change, active().end_undo):
        with pytest.raises(WrongState):
            transition()


def test_d50_d51_roles_are_sets_of_names_and_unknown_ones_grant_nothing() -> None:
    account = active().grant(MODERATOR).grant(MODERATOR)
    assert account.roles == {"User", "Moderator"}
    assert account.revoke("Moderator").revoke("Nobody").roles == {"User"}
    account = attrs.evolve(account, roles=account.roles | {"Emperor"}).empowered([USER, MODERATOR])
    assert account.permissions == {"FOLLOW", "COMMENT", "WRITE", "MODERATE"}


def test_d39_only_an_active_account_can_do_anything() -> None:
    can = {account.state: account.empowered([USER]).can("WRITE") for account in (pending(), active(), DISABLED, CLOSED)}
    assert can == {"pending": False, "active": True, "disabled": False, "closed": False}


def test_nothing_asked_means_no() -> None:
    """An account that was not read through a session has no permissions, whatever its roles are called."""
    assert not active(roles=frozenset({"Administrator"})).can("ADMIN")
    assert not active().empowered([Role("User", frozenset())]).can("WRITE")
    assert not active().empowered([USER]).can("")
