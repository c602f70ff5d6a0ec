"""Hasher in memory: salted, but as fast as a test wants it."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.domain.values import Password, PasswordHash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.adapters.memory.store import MemoryUnitOfWork
    from offbrand.domain.ports import HashingPlace
    from offbrand.domain.values import Client


class PlainHasher:
    """
    A `PasswordHasher` for tests; its hashes protect nothing.

    ``cost`` is a parameter that can be raised, so that hashes made before need to be made again. Refuses to work
    while a transaction of *unit_of_work* is open (law L6).
    """

    def __init__(self, unit_of_work: MemoryUnitOfWork | None = None, cost: int = 1) -> None:
        self.cost = cost
        self._unit_of_work = unit_of_work

    @contextmanager
    def admit(self, client: Client) -> Iterator[HashingPlace]:  # noqa: ARG002 - there is no line here
        """Let everybody in."""
        yield self

    def hash(self, password: Password) -> PasswordHash:
        """Return a salted hash."""
        self._assert_idle()
        return PasswordHash(_hash(self.cost, secrets.token_hex(8), password))

    def matches(self, password: Password, password_hash: PasswordHash | None) -> bool:
        """Return whether the two belong together; no, for None."""
        self._assert_idle()
        if password_hash is None:
            return False
        _, cost, salt, _ = password_hash.reveal().split("$")
        return password_hash == PasswordHash(_hash(int(cost), salt, password))

    def needs_rehash(self, password_hash: PasswordHash) -> bool:
        """Return whether the cost has changed since."""
        return password_hash.reveal().split("$")[1] != str(self.cost)

    def _assert_idle(self) -> None:
        if self._unit_of_work is not None:
            self._unit_of_work.assert_idle()


def _hash(cost: int, salt: str, password: Password) -> str:
    return f"plain${cost}${salt}${hashlib.sha256((salt + password.reveal()).encode()).hexdigest()}"
