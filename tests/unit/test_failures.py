"""Failures: every refusal has its face, and no face is missing its refusal."""

from __future__ import annotations

import attrs
import pytest

from offbrand.domain import errors
from offbrand.entrypoints.failures import FAILURES, failure_of, retry_after_of, sentence_of

# sysexits(3), which begins at 64 and ends at 78.
SYSEXITS = range(64, 79)


def tree(kind: type[errors.AuthError]) -> set[type[errors.AuthError]]:
    """Return *kind* and everything below it that offbrand defines."""
    below = [tree(child) for child in kind.__subclasses__() if child.__module__ == errors.__name__]
    return {kind}.union(*below)


EVERY = sorted(tree(errors.AuthError), key=lambda kind: kind.__name__)


def test_the_table_and_the_tree_are_equal() -> None:
    """DESIGN 1.5: a refusal without a face, or a face without a refusal, cannot be merged."""
    assert set(FAILURES) == set(EVERY)


def test_codes_are_unique() -> None:
    assert len(EVERY) == len({kind.code for kind in EVERY})


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_a_code_is_one_word_of_its_own(kind: type[errors.AuthError]) -> None:
    assert "code" in vars(kind)
    assert kind.code.replace("_", "").isalpha()
    assert kind.code == kind.code.lower()


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_a_face_is_a_sentence_with_a_status_and_an_exit_code(kind: type[errors.AuthError]) -> None:
    failure = FAILURES[kind]
    assert failure.sentence.endswith(".")
    assert failure.sentence[0].isupper()
    assert 400 <= failure.status < 600
    assert failure.exit_code in SYSEXITS


def test_what_passes_with_time_says_so_everywhere() -> None:
    """Law L11: busy, locked and throttled are 429 or 503, and exit code 75."""
    for kind in tree(errors.ComeBackLater):
        failure = FAILURES[kind]
        assert (failure.status in (429, 503), failure.exit_code) == (True, 75)


def test_only_what_time_cures_names_a_time() -> None:
    assert retry_after_of(errors.TooManyAttempts(17)) == 17
    assert retry_after_of(errors.Busy(0)) == 1
    assert retry_after_of(errors.InvalidToken()) is None


def test_a_reason_follows_the_sentence() -> None:
    assert sentence_of(errors.WeakPassword("It is short.")) == "Please choose another password. It is short."
    assert sentence_of(errors.MalformedUsername("Only so.")) == "Only so."
    assert FAILURES[errors.MalformedUsername].sentence == sentence_of(errors.MalformedUsername())
    assert FAILURES[errors.Forbidden].sentence == sentence_of(errors.Forbidden())


def test_a_refusal_of_a_host_looks_like_its_nearest_relative() -> None:
    class Quarantined(errors.Forbidden):
        code = "quarantined"

    assert FAILURES[errors.Forbidden] == failure_of(Quarantined())


def test_a_failure_is_frozen() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        FAILURES[errors.Forbidden].status = 200  # type: ignore[misc] # that is what is tried
