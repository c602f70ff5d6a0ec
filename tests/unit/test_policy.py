"""Policy: the numbers that DESIGN and NIST ask for, and what a policy may not contradict."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.letters import PURPOSES, LetterKind
from offbrand.domain.policy import Allowance, Guesses, NetworkRate, Policy, Rate
from offbrand.domain.roles import USER
from tests.unit.people import NOW

POLICY = Policy()
GUESSES = POLICY.guesses
LONG = Rate(limit=5, window=timedelta(days=3))


def test_a_password_can_never_be_guessed_more_than_a_hundred_times() -> None:
    """NIST SP 800-63B-4, 3.2.2; neither count starts again by time."""
    assert GUESSES.in_all.limit + POLICY.devices_at_most * GUESSES.device.limit <= 100
    assert GUESSES.in_all.window is None
    assert GUESSES.device.window is None


def test_what_may_answer_429_is_freed_by_time() -> None:
    """Law L8."""
    for rate in (GUESSES.network, GUESSES.wide_network, GUESSES.identifier, GUESSES.account):
        assert rate.window is not None
    assert GUESSES.account.limit < GUESSES.identifier.limit < GUESSES.network.limit < GUESSES.wide_network.limit


def test_d25_a_suppressed_letter_leaves_an_earlier_live_link_in_the_mailbox() -> None:
    """So no window of a mail budget outlasts the links that it counts; notices have no budget at all."""
    for kind, rate in POLICY.mail.items():
        purpose = PURPOSES[kind]
        assert rate.window is not None
        if purpose is not None:
            assert rate.window < POLICY.lifetimes[purpose]
    notices = {LetterKind.PASSWORD_CHANGED, LetterKind.EMAIL_CHANGED, LetterKind.EMAIL_RESTORED, LetterKind.NEW_LOGIN}
    assert not notices & set(POLICY.mail)


def test_the_lifetimes_are_those_of_the_design() -> None:
    assert POLICY.lifetimes == {
        Purpose.CONFIRMATION: timedelta(days=3),
        Purpose.PASSWORD_RESET: timedelta(hours=1),
        Purpose.EMAIL_CHANGE: timedelta(hours=24),
        Purpose.EMAIL_UNDO: timedelta(days=7),
    }
    assert POLICY.invitation_lifetime == timedelta(days=7)
    for purpose in Purpose:
        assert POLICY.expiry(purpose, NOW) == NOW + POLICY.lifetimes[purpose]


def test_remember_me_is_a_longer_session_of_the_same_kind() -> None:
    plain, remembered = POLICY.terms(remember=False), POLICY.terms(remember=True)
    assert (plain.absolute, plain.idle) == (timedelta(hours=24), timedelta(hours=12))
    assert remembered.absolute == timedelta(days=30)
    assert type(plain) is type(remembered)


def test_d13_the_floor_of_a_single_factor_is_fifteen_characters() -> None:
    assert POLICY.password_min == 15


def test_an_allowance_is_a_rate_with_a_key() -> None:
    assert Rate(limit=3, window=None).of("k") == Allowance("k", 3, None)
    assert Guesses().account.of("k").window == timedelta(minutes=15)


def test_a_policy_names_the_lifetime_of_every_link() -> None:
    with pytest.raises(ValueError, match="every purpose"):
        Policy(lifetimes={Purpose.CONFIRMATION: timedelta(days=1)})


def test_d51_a_policy_names_only_first_roles_that_exist() -> None:
    with pytest.raises(ValueError, match="roles that exist"):
        Policy(first_roles=frozenset({"Emperor"}))
    with pytest.raises(ValueError, match="roles that exist"):
        Policy(roles=())
    assert Policy(roles=(USER,)).first_roles == {"User"}
    assert Policy(roles=(), first_roles=frozenset()).first_roles == frozenset()


def test_one_policy_is_not_changed_through_another() -> None:
    one, other = Policy(), Policy()
    assert one.lifetimes is not other.lifetimes
    assert one.mail is not other.mail


def test_every_letter_that_a_stranger_may_ask_for_has_a_budget() -> None:
    with pytest.raises(ValueError, match="mail must name every letter"):
        Policy(mail={LetterKind.CONFIRMATION: Rate(limit=5, window=timedelta(hours=1))})


def test_a_budget_without_a_window_or_a_link_is_left_as_it_is() -> None:
    endless = Rate(limit=5, window=None)
    policy = Policy(mail={**POLICY.mail, LetterKind.CONFIRMATION: endless})
    assert policy.budget(LetterKind.CONFIRMATION) == endless
    assert policy.budget(LetterKind.ALREADY_REGISTERED) == POLICY.mail[LetterKind.ALREADY_REGISTERED]


@pytest.mark.parametrize(
    "choice",
    [
        {"guesses": Guesses(account=LONG)},
        {"registrations": NetworkRate(narrow=LONG, wide=LONG)},
        {"requests": NetworkRate(narrow=LONG, wide=LONG)},
        {"mail": {**POLICY.mail, LetterKind.CONFIRMATION: LONG}},
        {"mail_by_account": LONG},
        {"lease_lasts": timedelta(days=3)},
    ],
)
def test_nothing_is_to_wait_for_longer_than_clocks_are_believed(choice: dict[str, Any]) -> None:
    """Else a sweep takes its count for one that a wrong clock began, and frees it."""
    with pytest.raises(ValueError, match="two days"):
        Policy(**choice)
