"""Tokens in memory: a token is a random name of a claim that this object remembers."""

from __future__ import annotations

import hashlib
import itertools
import secrets
import threading
from typing import TYPE_CHECKING
from uuid import UUID

from offbrand.domain.errors import InvalidToken
from offbrand.domain.values import Token

if TYPE_CHECKING:
    from offbrand.domain.claims import Claim, Purpose
    from offbrand.domain.ports import Clock


class MemoryTokens:
    """A `Tokens` that signs by remembering."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._claims: dict[Token, Claim] = {}
        self._counter = itertools.count()
        self._lock = threading.Lock()

    def sign(self, claim: Claim) -> Token:
        """Return a random name for the claim."""
        token = self.opaque()
        with self._lock:
            self._claims[token] = claim
        return token

    def read(self, token: Token, purpose: Purpose) -> Claim:
        """Return the claim of that name, if it is for *purpose*."""
        claim = self._claims.get(token)
        if claim is None or claim.purpose is not purpose:
            raise InvalidToken
        return claim

    def opaque(self) -> Token:
        """Return 256 random bits."""
        return Token(secrets.token_urlsafe(32))

    def new_id(self) -> UUID:
        """Return a UUIDv7 of the clock's time, and of a counter that keeps the order within it."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            counter = next(self._counter)
        high = (milliseconds << 16) | 0x7000
        low = 0b10 << 62 | (counter & 0xFFFFFF) << 38 | secrets.randbits(38)
        return UUID(int=high << 64 | low)

    def fingerprint(self, text: str) -> str:
        """Return a digest under a key that is forgotten with this object."""
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=32).hexdigest()
