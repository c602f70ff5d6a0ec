"""Hasher: Argon2id at today's parameters, and at those of hashes that were made before."""

from __future__ import annotations

import base64
import re
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import argon2
import attrs
from argon2.exceptions import VerifyMismatchError

from offbrand.adapters.argon2_hasher.line import Line
from offbrand.domain.values import PasswordHash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.values import Client, Password

# Times today's memory, passes, lanes and time (or the recommended ones, if these are more): stored hashes above one of
# these are not computed.
DEAREST = 4

_RECOMMENDED = argon2.profiles.RFC_9106_LOW_MEMORY
_PHC = re.compile(
    r"\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,7})"
    r"\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{16,86})"
)


@attrs.frozen
class Argon2Place:
    """A `HashingPlace`: a slot, kept for as long as the place is."""

    _hasher: Argon2Hasher

    def hash(self, password: Password) -> PasswordHash:
        """Return a new salted hash under today's parameters."""
        return PasswordHash(self._hasher.argon2.hash(password.reveal()))

    def matches(self, password: Password, password_hash: PasswordHash | None) -> bool:
        """Return whether the two belong together; for None, or a hash that is not ours, no, after the usual work."""
        known = password_hash is not None and self._hasher.can_bear(password_hash)
        stored = password_hash if password_hash is not None and known else self._hasher.decoy
        try:
            self._hasher.argon2.verify(stored.reveal(), password.reveal())
        except VerifyMismatchError:
            return False
        return known


class Argon2Hasher:
    """
    A `PasswordHasher` over Argon2id; the default parameters are the second recommendation of RFC 9106.

    At most *slots* hash at once, in memory of *slots* x *memory_kib*; `WAITING_PER_SLOT` times as many wait behind
    them for less than a second, and everybody else is told that we are busy.
    """

    def __init__(
        self,
        slots: int,
        memory_kib: int = _RECOMMENDED.memory_cost,
        passes: int = _RECOMMENDED.time_cost,
        lanes: int = _RECOMMENDED.parallelism,
    ) -> None:
        self.line = Line(slots)
        self.argon2 = argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        # Argon2 computes a hash whole before it compares, so a random one costs as much as a true one.
        self.decoy = PasswordHash(
            f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}"
            f"${_encoded(secrets.token_bytes(self.argon2.salt_len))}${_encoded(secrets.token_bytes(self.argon2.hash_len))}"
        )
        self._dearest = (
            DEAREST * max(memory_kib, _RECOMMENDED.memory_cost),
            DEAREST * max(passes, _RECOMMENDED.time_cost),
            DEAREST * max(lanes, _RECOMMENDED.parallelism),
            # Each pass goes through all the memory.
            DEAREST * max(memory_kib * passes, _RECOMMENDED.memory_cost * _RECOMMENDED.time_cost),
        )

    @contextmanager
    def admit(self, client: Client) -> Iterator[Argon2Place]:
        """
        Wait for a turn of the client's network, and keep the slot.

        Raises:
            Busy: If there are too many others.
        """
        with self.line.slot(client.site):
            yield Argon2Place(self)

    def needs_rehash(self, password_hash: PasswordHash) -> bool:
        """Return whether the hash was made with other parameters than today's."""
        return not self.can_bear(password_hash) or self.argon2.check_needs_rehash(password_hash.reveal())

    def can_bear(self, password_hash: PasswordHash) -> bool:
        """Return whether the text is a hash as this adapter makes them, at a cost that this machine may be put to."""
        match = _PHC.fullmatch(password_hash.reveal())
        if match is None:
            return False
        *parameters, salt, tag = match.groups()
        memory, passes, lanes = map(int, parameters)
        costs = (memory, passes, lanes, memory * passes)
        affordable = all(cost <= dearest for cost, dearest in zip(costs, self._dearest, strict=True))
        return affordable and memory >= 8 * lanes and _is_canonical(salt) and _is_canonical(tag)


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")


def _is_canonical(text: str) -> bool:
    # One text for one value: Argon2's own reader refuses stray bits at the end with an exception.
    return len(text) % 4 != 1 and _encoded(base64.b64decode(text + "=" * (-len(text) % 4))) == text
