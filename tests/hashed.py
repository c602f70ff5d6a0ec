"""Hashed: a password as a core keeps it, for accounts that a test puts into the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.domain.values import Client

if TYPE_CHECKING:
    from offbrand.domain.auth import Auth
    from offbrand.domain.values import Password, PasswordHash


def hashed(auth: Auth, password: Password) -> PasswordHash:
    """Return a new hash, made by the core's own hasher."""
    with auth.login.passwords.admit(Client()) as place:
        return place.hash(password)
