"""Session: valid if and only if law L3 says so; terms; fresh proof."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from offbrand.domain.session import Session, Terms
from offbrand.domain.values import FARTHEST_AHEAD, Client, SessionId, Token
from tests.unit.people import NEWER_HASH, NOW, SECOND, active

if TYPE_CHECKING:
    from offbrand.domain.account import Account

TERMS = Terms(absolute=timedelta(hours=24), idle=timedelta(hours=12))


def begun(account: Account, *, remembered: bool = False) -> Session:
    client = Client(network="192.0.2.1", user_agent="unit", device=Token("device"))
    return TERMS.begin(
        id=SessionId(UUID(int=7)), digest="d1", account=account, client=client, at=NOW, remembered=remembered
    )


def test_a_session_begins_seen_proved_and_bound_to_the_generation() -> None:
    session = begun(active(generation=5), remembered=True)
    assert (session.began_at, session.seen_at, session.proved_at) == (NOW, NOW, NOW)
    assert (session.expires_at, session.idle) == (NOW + TERMS.absolute, TERMS.idle)
    assert (session.generation, session.account_id, session.token_digest) == (5, active().id, "d1")
    assert (session.network, session.user_agent, session.remembered) == ("192.0.2.1", "unit", True)


@pytest.mark.parametrize(("moment", "valid"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
def test_ses_06_a_session_ends_exactly_at_its_limits(moment: timedelta, valid: bool) -> None:  # noqa: FBT001 - a table
    session = begun(active())
    assert session.is_valid(active(), NOW + TERMS.idle + moment) is valid
    kept_busy = session.seen(session.expires_at - SECOND)
    assert kept_busy.is_valid(active(), session.expires_at + moment) is valid


def test_a_session_that_begins_in_days_to_come_is_not_valid() -> None:
    """A clock that was ahead has begun it; machines whose clocks differ a little share their sessions."""
    session = begun(active())
    assert session.is_valid(active(), NOW - FARTHEST_AHEAD)
    assert not session.is_valid(active(), NOW - FARTHEST_AHEAD - SECOND)


def test_being_seen_puts_off_idling_but_not_the_absolute_limit() -> None:
    session = begun(active()).seen(NOW + TERMS.idle - SECOND)
    assert session.is_valid(active(), NOW + TERMS.idle)
    assert session.expires_at == NOW + TERMS.absolute
    used = session.seen(NOW + TERMS.absolute - SECOND)
    assert not used.is_valid(active(), NOW + TERMS.absolute)


@pytest.mark.parametrize(
    "account",
    [
        active().set_password(NEWER_HASH),
        active().disable(NOW),
        active().disable(NOW).enable(),
        active().close(NOW, purge_at=NOW),
        active(generation=0),
    ],
    ids=lambda account: f"{account.state}-{account.generation}",
)
def test_d6_a_session_ends_when_its_account_moves_on(account: Account) -> None:
    assert begun(active()).is_valid(active(), NOW)
    assert not begun(active()).is_valid(account, NOW)


def test_a_session_of_an_inactive_account_is_not_valid_even_in_its_generation() -> None:
    for changes in ({"confirmed_at": None}, {"disabled_at": NOW}, {"closed_at": NOW}):
        assert not begun(active()).is_valid(active(**changes), NOW)


def test_a_session_carried_over_outlives_the_change() -> None:
    changed = active().set_password(NEWER_HASH)
    assert begun(active()).carried_over(changed).is_valid(changed, NOW)


def test_renewing_changes_the_token_and_neither_proof_nor_limit() -> None:
    session = begun(active())
    renewed = session.renewed("d2", NOW + SECOND)
    assert (renewed.token_digest, renewed.seen_at) == ("d2", NOW + SECOND)
    assert (renewed.id, renewed.proved_at, renewed.expires_at) == (session.id, NOW, session.expires_at)


@pytest.mark.parametrize(("moment", "proved"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
def test_proof_is_fresh_for_so_long_and_no_longer(moment: timedelta, proved: bool) -> None:  # noqa: FBT001 - a table
    within = timedelta(minutes=10)
    session = begun(active())
    assert session.is_proved(NOW + within + moment, within) is proved
    assert session.proved(NOW + within).is_proved(NOW + within + moment + within - SECOND, within) is (moment < SECOND)


def test_l3_proof_by_a_clock_that_was_ahead_is_not_fresh_until_that_time_has_come() -> None:
    within = timedelta(minutes=10)
    session = begun(active()).proved(NOW + timedelta(days=1))
    assert not session.is_proved(NOW, within)
    assert session.proved(NOW + SECOND).is_proved(NOW, within)  # a little ahead is what two machines always are


def test_a_session_without_proof_is_never_proved() -> None:
    session = begun(active())
    unproved = Session(
        id=session.id,
        token_digest="d",
        account_id=session.account_id,
        generation=1,
        began_at=NOW,
        seen_at=NOW,
        proved_at=None,
        idle=TERMS.idle,
        expires_at=session.expires_at,
    )
    assert not unproved.is_proved(NOW, timedelta(days=999))
    assert not unproved.remembered
