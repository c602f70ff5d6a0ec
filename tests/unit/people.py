"""People: entities that stand alone, for tests of what they decide by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from offbrand.domain.account import Account
from offbrand.domain.values import AccountId, EmailAddress, PasswordHash, Username

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ADA = EmailAddress("ada@example.org")
NEW_ADA = EmailAddress("ada@example.com")
HASH = PasswordHash("plain$1$salt$digest")
NEWER_HASH = PasswordHash("plain$2$salt$digest")


def pending(**changes: Any) -> Account:  # noqa: ANN401 - any attribute of an account
    """Return an account whose mailbox is not proved."""
    attributes: dict[str, Any] = {
        "id": AccountId(UUID(int=1)),
        "email": ADA,
        "username": Username("ada"),
        "password_hash": HASH,
        "roles": frozenset({"User"}),
        "avatar_id": UUID(int=2),
        "registered_at": NOW,
        "purge_at": NOW + timedelta(days=3),
    }
    return Account(**(attributes | changes))


def active(**changes: Any) -> Account:  # noqa: ANN401 - likewise
    """Return an account that may be used."""
    return pending(**({"confirmed_at": NOW, "purge_at": None} | changes))
