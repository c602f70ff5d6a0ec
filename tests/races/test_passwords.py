"""Passwords race: one link sets one password, and what was set is not lost (law L2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import argon2

from offbrand.domain.claims import Purpose
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress, Password, PasswordHash
from tests.races.crew import call
from tests.races.ground import NEW_PASSWORD, PASSWORD, winner

if TYPE_CHECKING:
    from tests.races.ground import Ground

MANY = 50


def test_fifty_redeem_one_reset_link_and_one_succeeds(ground: Ground) -> None:
    (person,) = ground.people(1)
    link = ground.link(Purpose.PASSWORD_RESET, person.account)
    passwords = [Password(f"wqzvkjxhmpfyb{number:02}") for number in range(MANY)]
    lanes = [[call("password_reset.complete", link, password)] for password in passwords]
    first = winner(ground.at_once("redeeming one reset link", lanes, "invalid_token"))
    assert ground.events(EventKind.PASSWORD_RESET) == ground.letters(LetterKind.PASSWORD_CHANGED) == 1
    assert first is not None
    assert ground.opens(person.email, passwords[first])
    assert not ground.opens(person.email, passwords[first - 1])


def test_reset_and_email_change_and_password_change_leave_one_of_them(ground: Ground, rounds: int) -> None:
    """Each raises the generation, and so voids what the two others stand on."""
    people = ground.people(rounds, stays=2)
    addresses = [EmailAddress(f"new{number}@example.com") for number in range(rounds)]
    changed = Password("jgxbpmfhzqkwvnt")
    outcomes = ground.race(
        "reset, email change, password change",
        [
            [
                [call("password_reset.complete", ground.link(Purpose.PASSWORD_RESET, person.account), NEW_PASSWORD)],
                # The only one of the three that hashes nothing.
                [
                    *ground.dawdle(number % 4),
                    call(
                        "email_change.complete",
                        person.sessions[0],
                        ground.link(Purpose.EMAIL_CHANGE, person.account, address),
                    ),
                ],
                [call("password_change.change", person.sessions[1], PASSWORD, changed)],
            ]
            for number, (person, address) in enumerate(zip(people, addresses, strict=True))
        ],
        "invalid_token",
        "not_logged_in",
        "stale_account",
    )
    for person, address, lanes in zip(people, addresses, outcomes, strict=True):
        first = winner([lane[-1] for lane in lanes])
        if first is not None:
            assert ground.now(person).email == (address if first == 1 else person.email)
            assert ground.opens(ground.now(person).email, [NEW_PASSWORD, PASSWORD, changed][first])


def test_a_newer_hash_of_the_old_password_never_replaces_the_new_password(ground: Ground, rounds: int) -> None:
    dearer = argon2.PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD.reveal())
    people = ground.people(rounds, password_hash=PasswordHash(dearer))
    outcomes = ground.race(
        "rehashes beside password change",
        [
            [
                [call("password_change.change", person.sessions[0], PASSWORD, NEW_PASSWORD)],
                *([call("login.log_in", person.email, PASSWORD) for _ in "12"] for _ in "123"),
            ]
            for person in people
        ],
        "stale_account",
        "invalid_credentials",
    )
    for person, ((changed,), *_) in zip(people, outcomes, strict=True):
        if changed.is_ok:
            assert ground.opens(person.email, NEW_PASSWORD)
            assert not ground.opens(person.email, PASSWORD)
        else:
            assert changed.code == "unavailable"
