"""Itsdangerous tokens: signed claims, random names, ids and keyed digests."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from offbrand.domain.claims import Claim, Purpose
from offbrand.domain.errors import InvalidToken
from offbrand.domain.values import AccountId, EmailAddress, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.domain.ports import Clock
    from offbrand.domain.values import Secret

KEY_BYTES = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Payload, perhaps compressed, and an HMAC-SHA-256 of 43 characters.
_SHAPE = re.compile(r"\.?[A-Za-z0-9_-]+\.([A-Za-z0-9_-]{43})")
_ID = re.compile(r"[0-9a-f]{32}")

# Closed while a process forks, so that no child inherits it closed by a thread that it does not have.
_lock = threading.Lock()
if hasattr(os, "register_at_fork"):  # Windows knows no fork
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


class ItsdangerousTokens:
    """
    A `Tokens` that signs with the last of *keys* and reads what any of them has signed.

    The salt is the purpose and *base_url*: a link for one thing opens no other, nor the same thing of another
    deployment that has the same key.

    Raises:
        ValueError: If there is no key, or one is shorter than 32 bytes.
    """

    def __init__(self, keys: Sequence[Secret], base_url: str, clock: Clock) -> None:
        raw = [key.reveal().encode() for key in keys]
        if not raw or min(map(len, raw)) < KEY_BYTES:
            msg = f"there must be a key, and each of at least {KEY_BYTES} bytes"
            raise ValueError(msg)
        self._serializers = {
            purpose: URLSafeSerializer(
                raw,
                salt=f"offbrand {purpose} {base_url.rstrip('/')}",
                signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
            )
            for purpose in Purpose
        }
        # The newest, as signing does: a key is replaced because it may be known, and then nothing new may lean on it.
        # Counts and digests under the old one are simply not found any more; accounts are counted by id, and so stay.
        self._fingerprint_key = hmac.digest(raw[-1], b"offbrand fingerprint", "sha256")
        self._clock = clock
        self._last_id = 0

    def sign(self, claim: Claim) -> Token:
        """Return the claim as signed text that fits into a URL."""
        expires_at = (claim.expires_at - _EPOCH) // _MICROSECOND
        content = [claim.account_id.hex, claim.generation, expires_at, str(claim.email)]
        return Token(self._serializers[claim.purpose].dumps(content))

    def read(self, token: Token, purpose: Purpose) -> Claim:
        """
        Return what the token says.

        Raises:
            InvalidToken: If it was not signed here for this purpose, letter by letter.
        """
        text = token.reveal()
        shape = _SHAPE.fullmatch(text)
        # The signature's last character has bits to spare, which nobody checks: one token, one spelling.
        if shape is None or base64_encode(base64_decode(shape[1])) != shape[1].encode():
            raise InvalidToken
        try:
            content = self._serializers[purpose].loads(text)
        except BadData:
            raise InvalidToken from None
        return _claim(purpose, content)

    def opaque(self) -> Token:
        """Return 256 random bits as 43 characters that fit into a cookie."""
        return Token(secrets.token_urlsafe(32))

    def new_id(self) -> UUID:
        """Return a UUIDv7 (RFC 9562): milliseconds, a counter that keeps the order within one, and 62 random bits."""
        milliseconds = (self._clock.now() - _EPOCH) // timedelta(milliseconds=1)
        with _lock:
            self._last_id = max(milliseconds << 12, self._last_id + 1)
            ordered = self._last_id
        # Drawn afresh for each id, so that processes which were forked at one moment do not repeat each other.
        high = (ordered >> 12) << 16 | 0x7000 | ordered & 0xFFF
        return UUID(int=high << 64 | 0b10 << 62 | secrets.randbits(62))

    def fingerprint(self, text: str) -> str:
        """Return a keyed digest in hexadecimal, equal for equal text and useless without the key."""
        return hmac.digest(self._fingerprint_key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


def _claim(purpose: Purpose, content: object) -> Claim:
    if type(content) is not list or [type(part) for part in content] != [str, int, int, str]:
        raise InvalidToken
    account_id, generation, expires_at, email = content
    if not _ID.fullmatch(account_id):
        raise InvalidToken
    try:
        expiry = _EPOCH + expires_at * _MICROSECOND
    except OverflowError:
        raise InvalidToken from None
    return Claim(
        purpose=purpose,
        account_id=AccountId(UUID(account_id)),
        generation=generation,
        expires_at=expiry,
        email=EmailAddress(email),
    )
