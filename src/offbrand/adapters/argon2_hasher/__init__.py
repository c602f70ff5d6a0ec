"""Argon2 hasher: slow hashing with Argon2id, in few slots and behind a short line (law L7)."""

from offbrand.adapters.argon2_hasher.hasher import Argon2Hasher

__all__ = ["Argon2Hasher"]
