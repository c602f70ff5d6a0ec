"""Double submits: a request asked twice is two letters, and a completion sent twice is one change (laws L2 and L5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress, Username
from tests.races.crew import Call, call
from tests.races.ground import NEW_PASSWORD, PASSWORD, winner

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.races.ground import Ground


def register(_: Ground, number: int) -> Call:
    email, username = EmailAddress(f"double{number}@example.org"), Username(f"double{number}")
    return call("registration.register", email, username, PASSWORD)


def request_confirmation(ground: Ground, _: int) -> Call:
    return call("confirmation.request", ground.newcomers(1)[0].email)


def request_reset(ground: Ground, _: int) -> Call:
    return call("password_reset.request", ground.people(1)[0].email)


def request_email_change(ground: Ground, number: int) -> Call:
    return call("email_change.request", ground.people(1)[0].sessions[0], EmailAddress(f"new{number}@example.org"))


@pytest.mark.parametrize(
    ("request_once", "kind"),
    [
        (register, LetterKind.CONFIRMATION),
        (request_confirmation, LetterKind.CONFIRMATION),
        (request_reset, LetterKind.PASSWORD_RESET),
        (request_email_change, LetterKind.EMAIL_CHANGE),
    ],
)
def test_a_request_sent_twice_writes_two_letters(
    ground: Ground, rounds: int, request_once: Callable[[Ground, int], Call], kind: LetterKind
) -> None:
    calls = [request_once(ground, number) for number in range(rounds // 2)]
    outcomes = ground.race(f"twice {calls[0].flow}", [[[each], [each]] for each in calls])
    assert ground.letters(kind) == sum(outcome.is_ok for lanes in outcomes for (outcome,) in lanes)


def confirm(ground: Ground, _: int) -> Call:
    return call("confirmation.complete", ground.link(Purpose.CONFIRMATION, ground.newcomers(1)[0]), PASSWORD)


def confirm_anew(ground: Ground, number: int) -> Call:
    link = ground.link(Purpose.CONFIRMATION, ground.newcomers(1)[0])
    return call("confirmation.complete_anew", link, Username(f"anew{number}"), NEW_PASSWORD)


def discard(ground: Ground, _: int) -> Call:
    return call("confirmation.discard", ground.link(Purpose.CONFIRMATION, ground.newcomers(1)[0]))


def reset(ground: Ground, _: int) -> Call:
    link = ground.link(Purpose.PASSWORD_RESET, ground.people(1)[0].account)
    return call("password_reset.complete", link, NEW_PASSWORD)


def change(ground: Ground, _: int) -> Call:
    return call("password_change.change", ground.people(1)[0].sessions[0], PASSWORD, NEW_PASSWORD)


def move(ground: Ground, number: int) -> Call:
    (person,) = ground.people(1)
    link = ground.link(Purpose.EMAIL_CHANGE, person.account, EmailAddress(f"new{number}@example.org"))
    return call("email_change.complete", person.sessions[0], link)


def undo(ground: Ground, number: int) -> Call:
    former = EmailAddress(f"former{number}@example.org")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    (person,) = ground.people(1, undo_email=former, undo_until=until)
    return call("email_change.undo", ground.link(Purpose.EMAIL_UNDO, person.account, former))


def close(ground: Ground, _: int) -> Call:
    return call("closing.close", ground.people(1)[0].sessions[0])


@pytest.mark.parametrize(
    ("complete", "refusals"),
    [
        (confirm, {"invalid_token"}),
        (confirm_anew, {"invalid_token"}),
        (discard, {"invalid_token"}),
        (reset, {"invalid_token"}),
        # The session that the first one replaces, or the account that it changes, is gone for the second one.
        (change, {"not_logged_in", "stale_account"}),
        (move, {"not_logged_in", "invalid_token"}),
        (undo, {"invalid_token"}),
        (close, {"not_logged_in", "stale_account"}),
    ],
)
def test_a_completion_sent_twice_succeeds_once(
    ground: Ground, rounds: int, complete: Callable[[Ground, int], Call], refusals: set[str]
) -> None:
    calls = [complete(ground, number) for number in range(rounds // 2)]
    for lanes in ground.race(f"twice {calls[0].flow}", [[[each], [each]] for each in calls], *refusals):
        winner([lane[0] for lane in lanes])
