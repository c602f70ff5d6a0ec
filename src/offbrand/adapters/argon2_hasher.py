"""Argon2 hasher: slow hashing with Argon2id, in few slots and behind a short line (law L7)."""

from __future__ import annotations

import base64
import os
import re
import secrets
import threading
import weakref
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

import argon2
import attrs
from argon2.exceptions import VerifyMismatchError

from offbrand.domain.errors import Busy
from offbrand.domain.values import PasswordHash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.values import Client, Password

# With the recommended parameters a core hashes six to ten times a second, so four turns are over within one.
WAITING_PER_SLOT = 4
PATIENCE = 1.0  # seconds in the line, after which the answer is Busy
DEAREST = 4  # times today's cost (or the recommended one, if that is more): stored hashes above it are not computed

_RECOMMENDED = argon2.profiles.RFC_9106_LOW_MEMORY
_PHC = re.compile(
    r"\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,7})"
    r"\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{16,86})"
)


class Line:
    """
    Who may hash, who waits for it and who is turned away: ``slots`` at work, four times as many behind them.

    Everybody stands in one line, whatever network they come from. Slots are handed on in turn.
    """

    def __init__(self, slots: int, patience: float = PATIENCE) -> None:
        self._slots = slots
        self._patience = patience
        self.start_afresh()
        _LINES.add(self)

    def start_afresh(self) -> None:
        """Forget everybody; a forked process inherits those who hash in its parent, and perhaps a closed lock."""
        self._lock = threading.Lock()
        self._places = self._slots * (1 + WAITING_PER_SLOT)
        self._free = self._slots
        self._turns: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._turns)

    @contextmanager
    def place(self, client: Client) -> Iterator[None]:  # noqa: ARG002 - one line for all networks
        """
        Keep a place for *client* while the block lasts; never waits.

        Raises:
            Busy: If there is none left.
        """
        with self._lock:
            if self._places == 0:
                raise Busy
            self._places -= 1
        try:
            yield
        finally:
            with self._lock:
                self._places += 1

    @contextmanager
    def slot(self) -> Iterator[None]:
        """
        Wait for one's turn, and work while the block lasts.

        Raises:
            Busy: If it takes longer than anybody should wait.
        """
        turn = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                turn.set()
            else:
                self._turns.append(turn)
        try:
            if not turn.wait(self._patience):
                raise Busy
            yield
        finally:
            self._leave(turn)

    def _leave(self, turn: threading.Event) -> None:
        with self._lock:
            if turn in self._turns:
                self._turns.remove(turn)
            elif self._turns:
                # Handed on and not given back first, so that nobody who has just come is served before.
                self._turns.popleft().set()
            else:
                self._free += 1


_LINES: weakref.WeakSet[Line] = weakref.WeakSet()


def _start_lines_afresh() -> None:
    for line in list(_LINES):
        line.start_afresh()


if hasattr(os, "register_at_fork"):  # Windows knows no fork
    os.register_at_fork(after_in_child=_start_lines_afresh)


@attrs.frozen
class Argon2Place:
    """A `HashingPlace`; it takes a slot for as long as it computes."""

    _hasher: Argon2Hasher

    def hash(self, password: Password) -> PasswordHash:
        """Return a new salted hash under today's parameters."""
        with self._hasher.line.slot():
            return PasswordHash(self._hasher.argon2.hash(password.reveal()))

    def matches(self, password: Password, password_hash: PasswordHash | None) -> bool:
        """Return whether the two belong together; for None, or a hash that is not ours, no, after the usual work."""
        known = password_hash is not None and self._hasher.can_bear(password_hash)
        stored = password_hash if password_hash is not None and known else self._hasher.decoy
        with self._hasher.line.slot():
            try:
                self._hasher.argon2.verify(stored.reveal(), password.reveal())
            except VerifyMismatchError:
                return False
        return known


class Argon2Hasher:
    """
    A `PasswordHasher` over Argon2id; the default parameters are the second recommendation of RFC 9106.

    At most *slots* hash at once, in memory of *slots* x *memory_kib*; `WAITING_PER_SLOT` times as many wait behind
    them for up to a second, and everybody else is told that we are busy.
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
        )

    @contextmanager
    def admit(self, client: Client) -> Iterator[Argon2Place]:
        """
        Stand in the line.

        Raises:
            Busy: If it is full.
        """
        with self.line.place(client):
            yield Argon2Place(self)

    def needs_rehash(self, password_hash: PasswordHash) -> bool:
        """Return whether the hash was made with other parameters than today's."""
        return not self.can_bear(password_hash) or self.argon2.check_needs_rehash(password_hash.reveal())

    def can_bear(self, password_hash: PasswordHash) -> bool:
        """Return whether the text is a hash as this adapter makes them, at a cost that this machine may be put to."""
        match = _PHC.fullmatch(password_hash.reveal())
        if match is None:
            return False
        *costs, salt, tag = match.groups()
        memory, _, lanes = map(int, costs)
        affordable = all(int(cost) <= dearest for cost, dearest in zip(costs, self._dearest, strict=True))
        return affordable and memory >= 8 * lanes and _is_canonical(salt) and _is_canonical(tag)


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")


def _is_canonical(text: str) -> bool:
    # One text for one value: Argon2's own reader refuses stray bits at the end with an exception.
    return len(text) % 4 != 1 and _encoded(base64.b64decode(text + "=" * (-len(text) % 4))) == text
