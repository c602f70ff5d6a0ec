"""
Ports: what the domain needs from the world; adapters follow them without inheriting from them.

Every method may raise `Unavailable` when what stands behind it does not answer; `offbrand.contracts` says in tests
what this file says in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from offbrand.domain.repositories import (
    Accounts,
    Devices,
    Directory,
    Events,
    Letters,
    Sessions,
    Transaction,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta
    from uuid import UUID

    from offbrand.domain.claims import Claim, Purpose
    from offbrand.domain.letters import ReadyLetter
    from offbrand.domain.policy import Allowance
    from offbrand.domain.values import Client, Password, PasswordHash, Token

__all__ = [
    "Accounts",
    "Blocklist",
    "Clock",
    "Devices",
    "Directory",
    "Events",
    "HashingPlace",
    "Letters",
    "Mailer",
    "PasswordHasher",
    "Sessions",
    "Throttle",
    "Tokens",
    "Transaction",
    "UnitOfWork",
]


class UnitOfWork(Protocol):
    """Where transactions come from; a clean exit commits, an exception rolls back, and blocks do not nest."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that writes nothing."""
        ...

    def writing(self) -> AbstractContextManager[Transaction]:
        """Open a transaction whose writes are kept together or not at all."""
        ...


class HashingPlace(Protocol):
    """A place at the hasher, with all that it takes to hash at once; it is given back when its block ends."""

    def hash(self, password: Password) -> PasswordHash:
        """Return a new salted hash under today's parameters."""
        ...

    def matches(self, password: Password, password_hash: PasswordHash | None) -> bool:
        """Return whether the two belong together; for None, no, after as much work as for a miss."""
        ...


class PasswordHasher(Protocol):
    """Slow hashing, never more at once than the machine can bear (law L7)."""

    def admit(self, client: Client) -> AbstractContextManager[HashingPlace]:
        """
        Wait for a turn of the client's network, as `Client.site` has it: networks are served in turn.

        Whoever is inside is served, so that what may only happen before a check, such as counting it, happens there.

        Raises:
            Busy: If there are too many others; within a second.
        """
        ...

    def needs_rehash(self, password_hash: PasswordHash) -> bool:
        """Return whether the hash was made with other parameters than today's."""
        ...


class Tokens(Protocol):
    """Signatures and everything random."""

    def sign(self, claim: Claim) -> Token:
        """Return the claim as signed text that fits into a URL."""
        ...

    def read(self, token: Token, purpose: Purpose) -> Claim:
        """
        Return what the token says.

        Raises:
            InvalidToken: If it was not signed here for this purpose.
        """
        ...

    def opaque(self) -> Token:
        """Return 256 random bits as 43 characters that fit into a cookie."""
        ...

    def new_id(self) -> UUID:
        """Return a UUIDv7 (RFC 9562): unique and ordered by time, not secret."""
        ...

    def fingerprint(self, text: str) -> str:
        """Return a keyed digest in hexadecimal, equal for equal text and useless without the key."""
        ...


class Throttle(Protocol):
    """Counts that every door and process shares."""

    def count(self, allowances: Sequence[Allowance], at: datetime) -> tuple[str, timedelta | None] | None:
        """
        Count one attempt under each allowance in turn, each atomically, up to the first that is spent.

        Return that one's key and the time until its window ends (None where only `forget` frees it), or None when
        none is spent. Callers give networks before identifiers before accounts, so that no two wait for each other.
        """
        ...

    def forget(self, key: str) -> None:
        """Start the count of *key* afresh."""
        ...

    def sweep(self, at: datetime) -> int:
        """
        Drop counts whose window is over; return how many.

        So are windows that end later than `FARTHEST_AHEAD`: a clock that was wrong began them, and nobody is to be kept
        out until it would have been right. Here and not in `count`, where a machine whose clock is wrong could free
        what the others have counted; who sweeps has compared clocks before.
        """
        ...


class Mailer(Protocol):
    """Where letters leave."""

    def send(self, letter: ReadyLetter) -> None:
        """
        Compose and hand over, under the letter's id as Message-ID; a letter without recipient is only composed.

        Raises:
            MailDelayed: If trying again may help.
            MailRefused: If it cannot.
        """
        ...


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        ...


class Blocklist(Protocol):
    """Which passwords are too easy to guess; a plain function will do."""

    def __call__(self, text: str, words: Sequence[str]) -> bool:
        """Return whether *text* is common, or guessable by who knows the account's own *words*."""
        ...
