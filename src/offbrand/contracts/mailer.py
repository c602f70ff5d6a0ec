"""Mailer contract: a letter arrives once, where it was meant to, and nowhere else."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from offbrand.contracts import strategies
from offbrand.contracts.crowd import at_once, kinds
from offbrand.contracts.samples import AT, new_id
from offbrand.domain.letters import PURPOSES, LetterKind, ReadyLetter
from offbrand.domain.values import EmailAddress, Token

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from offbrand.domain.ports import Mailer


class Arrivals(Protocol):
    """What a mailer's letters arrive in."""

    def __call__(self) -> Iterable[tuple[UUID, str]]:
        """Return the id and the address of each letter that arrived."""
        ...


def _letter(kind: LetterKind = LetterKind.CONFIRMATION) -> ReadyLetter:
    linked = PURPOSES[kind] is not None
    return ReadyLetter(
        id=new_id(),
        kind=kind,
        recipient=EmailAddress("Ann.Lee@example.org"),
        username="ann",
        written_at=AT,
        token=Token("signed.token") if linked else None,
        expires_at=AT if linked else None,
        network="192.0.2.1",
        user_agent="a browser",
    )


class MailerContract:
    """Override ``mailer``, and ``arrivals`` by where its letters arrive; each test wants that empty."""

    @pytest.fixture
    def mailer(self) -> Mailer:
        raise NotImplementedError

    @pytest.fixture
    def arrivals(self) -> Arrivals:
        raise NotImplementedError

    @pytest.mark.parametrize("kind", LetterKind)
    def test_every_kind_of_letter_arrives_once(self, mailer: Mailer, arrivals: Arrivals, kind: LetterKind) -> None:
        """The letter's id comes along as its Message-ID, and the address as it was typed (L5)."""
        letter = _letter(kind)
        mailer.send(letter)
        assert [*arrivals()] == [(letter.id, "Ann.Lee@example.org")], f"L5 broke: sending one letter: {[*arrivals()]}"

    @pytest.mark.parametrize("kind", LetterKind)
    def test_a_letter_to_nobody_arrives_nowhere(self, mailer: Mailer, arrivals: Arrivals, kind: LetterKind) -> None:
        """It is composed, so that the work does not tell, and dropped (L4)."""
        mailer.send(attrs.evolve(_letter(kind), recipient=None))
        assert [*arrivals()] == [], "L4 broke: a letter to nobody has arrived somewhere"

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors])
    @given(letter=strategies.ready_letters())
    def test_nothing_in_a_letter_sends_it_elsewhere(
        self, mailer: Mailer, arrivals: Arrivals, letter: ReadyLetter
    ) -> None:
        """Names, clients and addresses of any kind stay what they are (L5, INP-04)."""
        before = Counter(arrivals())
        mailer.send(letter)
        after = Counter(arrivals())
        expected = Counter([(letter.id, letter.recipient.text)] if letter.recipient else [])
        # An example that is tried twice is one letter, which may or may not arrive twice.
        assert after - before <= expected, f"L5 broke: a letter to {letter.recipient} arrived as {after - before}"
        assert expected <= after, f"L5 broke: a letter to {letter.recipient} has not arrived"

    def test_many_may_send_at_once(self, mailer: Mailer, arrivals: Arrivals) -> None:
        """Every letter arrives once, whoever else is sending (L5)."""
        letters = [_letter() for _ in range(16)]

        def send(number: int) -> None:
            for letter in letters[number::8]:
                mailer.send(letter)

        ended = kinds(at_once(8, send))
        assert ended == {"ok": 8}, f"L5 broke: sending in a crowd ended as {ended}"
        assert Counter(each for each, _ in arrivals()) == Counter(each.id for each in letters), (
            "L5 broke: lost or doubled"
        )
