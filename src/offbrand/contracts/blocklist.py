"""Blocklist contract: what everybody would try first is refused, and nothing breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offbrand.contracts import strategies

if TYPE_CHECKING:
    from offbrand.domain.ports import Blocklist
    from offbrand.domain.values import Password

_WORDS = ["Annabel.Leighton", "annabel.leighton@mail.example.org", "annabel.leighton", "mail.example.org", "Offbrand"]


class BlocklistContract:
    """Override ``blocklist``, and ``common`` by a password that it refuses whoever chooses it."""

    @pytest.fixture
    def blocklist(self) -> Blocklist:
        raise NotImplementedError

    @pytest.fixture
    def common(self) -> str:
        raise NotImplementedError

    def test_a_common_password_is_refused(self, blocklist: Blocklist, common: str) -> None:
        """What is on every list is no password, in capitals neither (D13)."""
        answers = [blocklist(text, []) for text in (common, common.upper())]
        assert answers == [True, True], "D13: a common password is accepted"

    @pytest.mark.parametrize("word", _WORDS)
    def test_an_accounts_own_words_are_refused(self, blocklist: Blocklist, word: str) -> None:
        """Whoever knows the account knows its words, in any case (D13)."""
        answers = [blocklist(text, _WORDS) for text in (word, word.upper(), word.lower())]
        assert answers == [True] * 3, f"D13: an account's own word is accepted: {word}"

    def test_unrelated_words_are_not(self, blocklist: Blocklist) -> None:
        """There is no rule of composition: some words that have nothing in common are enough."""
        assert blocklist("crimson otters waltz at nine", _WORDS) is False
        assert blocklist("zo\u00eb sells forty quiet kettles", []) is False

    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors], deadline=None
    )
    @given(password=strategies.passwords(), words=st.lists(st.text(max_size=64), max_size=5))
    def test_nothing_breaks_it(self, blocklist: Blocklist, password: Password, words: list[str]) -> None:
        """It answers about whatever can be typed (L11)."""
        assert blocklist(password.reveal(), words) in (True, False)
