"""Examples: valid entities with whatever a test wants changed, and the way to a database and back."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from offbrand.domain.account import Account
from offbrand.domain.events import Event, EventKind
from offbrand.domain.letters import Letter, LetterKind
from offbrand.domain.session import Session
from offbrand.domain.values import AccountId, EmailAddress, PasswordHash, SessionId, Username

if TYPE_CHECKING:
    from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork

NOON = datetime(2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


def account(name: str = "ann", **changes: object) -> Account:
    """Return a confirmed account."""
    fields: dict[str, Any] = {
        "id": AccountId(uuid.uuid4()),
        "email": EmailAddress(f"{name}@example.org"),
        "username": Username(name),
        "password_hash": PasswordHash("$plain$"),
        "roles": frozenset({"User"}),
        "avatar_id": uuid.uuid4(),
        "registered_at": NOON,
        "confirmed_at": NOON,
    }
    fields |= changes
    return Account(**fields)


def session(owner: Account, digest: str = "d1", **changes: object) -> Session:
    """Return a session of *owner*."""
    fields: dict[str, Any] = {
        "id": SessionId(uuid.uuid4()),
        "token_digest": digest,
        "account_id": owner.id,
        "generation": owner.generation,
        "began_at": NOON,
        "seen_at": NOON,
        "proved_at": NOON,
        "idle": HOUR,
        "expires_at": NOON + 2 * HOUR,
    }
    fields |= changes
    return Session(**fields)


def event(**changes: object) -> Event:
    """Return an event."""
    fields: dict[str, Any] = {"id": uuid.uuid4(), "kind": EventKind.LOGGED_IN, "at": NOON, "account_id": None}
    fields |= changes
    return Event(**fields)


def letter(**changes: object) -> Letter:
    """Return a letter that is due."""
    fields: dict[str, Any] = {
        "id": uuid.uuid4(),
        "kind": LetterKind.NEW_LOGIN,
        "event_id": uuid.uuid4(),
        "account_id": None,
        "recipient": EmailAddress("ann@example.org"),
        "written_at": NOON,
        "due_at": NOON,
    }
    fields |= changes
    return Letter(**fields)


def store(unit_of_work: SqlUnitOfWork, *rows: Account) -> None:
    """Store accounts."""
    with unit_of_work.writing() as tx:
        for row in rows:
            tx.accounts.add(row)


def load(unit_of_work: SqlUnitOfWork, row: Account) -> Account:
    """Read an account again."""
    with unit_of_work.reading() as tx:
        found = tx.accounts.get(row.id)
    assert found is not None
    return found
