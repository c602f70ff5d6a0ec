"""Password hasher contract: only the right password matches, whoever else is hashing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from offbrand.contracts import strategies
from offbrand.contracts.crowd import at_once
from offbrand.domain.values import Client, Password, PasswordHash

if TYPE_CHECKING:
    from offbrand.domain.ports import PasswordHasher

_CLIENT = Client(network="192.0.2.1")
_LONGEST = "\U0001f511" * 256
_shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors])


def _hash(hasher: PasswordHasher, password: Password) -> PasswordHash:
    with hasher.admit(_CLIENT) as place:
        return place.hash(password)


def _matches(hasher: PasswordHasher, password: Password, password_hash: PasswordHash | None) -> bool:
    with hasher.admit(_CLIENT) as place:
        return place.matches(password, password_hash)


class PasswordHasherContract:
    """Override ``hasher`` by one with cheap parameters, and ``dearer`` by one with others."""

    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        raise NotImplementedError

    @pytest.fixture
    def dearer(self) -> PasswordHasher:
        raise NotImplementedError

    @_shared
    @given(password=strategies.passwords(), other=strategies.passwords())
    @example(Password(_LONGEST), Password(_LONGEST[:-1]))
    @example(Password("a" * 73), Password("a" * 72))
    @example(Password("pass phrase"), Password("pass phrase "))
    @example(Password("pass phrase"), Password("Pass phrase"))
    @example(Password(""), Password(" "))
    def test_only_the_same_password_matches(self, hasher: PasswordHasher, password: Password, other: Password) -> None:
        """Every character counts, up to the last of the longest password (L8, INP-06)."""
        assume(password.reveal() != other.reveal())
        password_hash = _hash(hasher, password)
        assert _matches(hasher, password, password_hash), "a password does not match its own hash"
        assert not _matches(hasher, other, password_hash), "L8 broke: another password matches"

    def test_nothing_matches_nobody(self, hasher: PasswordHasher) -> None:
        """Where there is no hash, no password is right (L4)."""
        for text in ("", "pass phrase", "None"):
            assert _matches(hasher, Password(text), None) is False, "L4 broke: a password was right for nobody"

    def test_hashes_are_salted(self, hasher: PasswordHasher) -> None:
        """Equal passwords have different hashes, and no hash shows the password (L9)."""
        hashes = {_hash(hasher, Password("pass phrase")).reveal() for _ in range(5)}
        assert len(hashes) == 5, "L9 broke: equal passwords have equal hashes"
        assert not any("pass phrase" in text for text in hashes), "L9 broke: a hash shows its password"

    def test_a_hash_of_other_parameters_matches_and_is_to_be_made_again(
        self, hasher: PasswordHasher, dearer: PasswordHasher
    ) -> None:
        """Raising the cost locks nobody out, and every login notices (D55)."""
        old = _hash(hasher, Password("pass phrase"))
        needs = (hasher.needs_rehash(old), dearer.needs_rehash(old), dearer.needs_rehash(_hash(dearer, Password("x"))))
        assert needs == (False, True, False), (
            f"D55: needs_rehash says {needs} for today's, older and today's parameters"
        )
        assert _matches(dearer, Password("pass phrase"), old), "D55: a hash of other parameters does not match any more"
        assert not _matches(dearer, Password("another phrase"), old), "L8 broke: another password matches"

    @pytest.mark.parametrize("text", ["", "x", "pass phrase", "$argon2id$", "$2b$12$", "!", "plain$1$"])
    def test_what_is_no_hash_matches_nothing(self, hasher: PasswordHasher, text: str) -> None:
        """A stored text that is no hash lets nobody in, whether it is refused or raised about (L11, D40)."""
        try:
            matched = _matches(hasher, Password(text), PasswordHash(text))
        except Exception:  # noqa: BLE001 - whatever is raised, nobody is let in
            matched = False
        assert not matched, f"L11 broke: a password matched {text!r}, which is no hash"

    def test_a_place_is_given_back(self, hasher: PasswordHasher) -> None:
        """However a block ends, its place is free afterwards (L7)."""
        for _ in range(200):
            with pytest.raises(ZeroDivisionError), hasher.admit(_CLIENT):
                raise ZeroDivisionError
        assert _matches(hasher, Password("pass phrase"), _hash(hasher, Password("pass phrase")))

    def test_one_place_serves_for_all_that_one_login_needs(self, hasher: PasswordHasher) -> None:
        """Whoever is inside is served at once, a newer hash after the check included (L7, L8)."""
        with hasher.admit(_CLIENT) as place:
            old = place.hash(Password("pass phrase"))
            assert place.matches(Password("pass phrase"), old), "L7 broke: the second use of a place failed"
            assert not place.matches(Password("pass phrase"), None), "L4 broke: a password was right for nobody"
            newer = place.hash(Password("pass phrase"))
        assert _matches(hasher, Password("pass phrase"), newer), "L7 broke: the last hash of a place is no good"

    def test_nobody_is_let_in_for_another(self, hasher: PasswordHasher) -> None:
        """Side by side, each thread's answer is about its own password (L8)."""
        passwords = [Password(f"pass phrase {number}") for number in range(4)]
        hashes = [_hash(hasher, password) for password in passwords]

        def knock(number: int) -> list[tuple[int, bool]]:
            tried = [(number + step) % 4 for step in range(8)]
            return [(door, _matches(hasher, passwords[number], hashes[door])) for door in tried]

        for number, answers in enumerate(at_once(4, knock)):
            assert isinstance(answers, list), f"L7 broke: hashing in a crowd raised {answers!r}"
            wrong = [door for door, matched in answers if matched != (door == number)]
            assert wrong == [], f"L8 broke: password {number} was answered for as if it were {wrong[0]}"
