"""Letters: what one remembers, when it is due again, and what is left of it in the end."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offbrand.domain.claims import Claim, Purpose
from offbrand.domain.letters import PURPOSES, Letter, LetterKind, LetterState
from offbrand.domain.values import AccountId
from tests.unit.people import ADA, NOW

LETTER = Letter(
    id=UUID(int=2**127 + 12345),
    kind=LetterKind.PASSWORD_RESET,
    event_id=UUID(int=1),
    account_id=AccountId(UUID(int=2)),
    recipient=ADA,
    written_at=NOW,
    due_at=NOW,
    claim_email=ADA,
    generation=4,
    expires_at=NOW + timedelta(hours=1),
    network="192.0.2.1",
    user_agent="unit",
    leased_until=NOW + timedelta(minutes=5),
)


def test_the_claim_is_what_was_fixed_when_the_letter_was_written() -> None:
    assert LETTER.claim == Claim(
        purpose=Purpose.PASSWORD_RESET,
        account_id=AccountId(UUID(int=2)),
        generation=4,
        expires_at=NOW + timedelta(hours=1),
        email=ADA,
    )


@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_has_the_link_of_its_kind_or_none(kind: LetterKind) -> None:
    claim = attrs.evolve(LETTER, kind=kind).claim
    assert (claim.purpose if claim else None) is PURPOSES[kind]


@pytest.mark.parametrize("missing", ["account_id", "claim_email", "generation", "expires_at"])
def test_half_a_claim_is_none(missing: str) -> None:
    changes: dict[str, None] = {missing: None}
    assert attrs.evolve(LETTER, **changes).claim is None  # type: ignore[arg-type] # attrs takes any attribute's name


@pytest.mark.parametrize(
    ("settled", "state"),
    [
        (LETTER.sent(NOW), LetterState.SENT),
        (LETTER.void(), LetterState.VOID),
        (LETTER.expired(), LetterState.EXPIRED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_settled_letter_forgets_whom_it_went_to_and_what_it_said(settled: Letter, state: LetterState) -> None:
    assert settled.state is state
    assert (settled.recipient, settled.claim_email, settled.network, settled.user_agent) == (None, None, None, None)
    assert settled.leased_until == LETTER.leased_until
    assert settled.claim is None
    assert settled.sent_at == (NOW if state is LetterState.SENT else None)
    assert (settled.id, settled.kind, settled.event_id) == (LETTER.id, LETTER.kind, LETTER.event_id)


def test_a_sent_letter_has_no_error_any_more() -> None:
    assert LETTER.delayed(NOW, "451 busy").sent(NOW).last_error is None


def test_a_dead_letter_keeps_what_another_attempt_needs() -> None:
    dead = LETTER.dead("550 no such mailbox")
    assert (dead.state, dead.last_error, dead.attempts) == (LetterState.DEAD, "550 no such mailbox", 1)
    assert dead.leased_until == LETTER.leased_until
    assert (dead.recipient, dead.claim) == (ADA, LETTER.claim)


def test_d44_a_delayed_letter_waits_longer_each_time_but_never_more_than_a_day() -> None:
    """First again within 30 s; still the same letter."""
    pauses: list[timedelta] = []
    letter = LETTER
    for attempt in range(1, 40):
        letter = letter.delayed(NOW, "451 busy")
        assert (letter.state, letter.attempts) == (LetterState.WAITING, attempt)
        assert letter.last_error == "451 busy"
        pauses.append(letter.due_at - NOW)
    assert timedelta(seconds=4) <= pauses[0] <= timedelta(seconds=12)
    assert max(pauses) < timedelta(hours=24)
    assert min(pauses[8:]) >= timedelta(hours=8)
    assert all(sooner < later for sooner, later in pairwise(pauses[:7]))
    assert (letter.recipient, letter.claim) == (ADA, LETTER.claim)


@given(letter_id=st.uuids(), attempts=st.integers(0, 1000))
def test_d44_however_often_it_has_failed_a_letter_is_due_within_a_day(letter_id: UUID, attempts: int) -> None:
    """For the first time within 30 s, for any id; and never at once, which a mail server would take for a flood."""
    delayed = attrs.evolve(LETTER, id=letter_id, attempts=attempts).delayed(NOW, "451 busy")
    assert timedelta(seconds=4) <= delayed.due_at - NOW < timedelta(seconds=30 if attempts == 0 else 24 * 3600)
    assert delayed.attempts == attempts + 1


def test_letters_that_failed_together_do_not_come_back_together() -> None:
    ids = [UUID(int=LETTER.id.int + step) for step in range(100)]
    dues = {attrs.evolve(LETTER, id=id_).delayed(NOW, "").due_at for id_ in ids}
    assert len(dues) == 100
    assert min(dues) >= NOW + timedelta(seconds=4)
    assert max(dues) <= NOW + timedelta(seconds=12)
