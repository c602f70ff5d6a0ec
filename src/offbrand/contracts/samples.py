"""Samples: plain entities to store, and how to see every field of what comes back."""

from __future__ import annotations

import itertools
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs

from offbrand.domain.account import Account
from offbrand.domain.events import Event, EventKind
from offbrand.domain.letters import Letter, LetterKind
from offbrand.domain.session import Session
from offbrand.domain.values import AccountId, EmailAddress, PasswordHash, Secret, SessionId, Username

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.ports import Transaction, UnitOfWork


class _NothingIsKeptError(Exception):
    pass


AT = datetime(2031, 7, 9, 23, 59, 58, 765432, tzinfo=UTC)
_COUNT = itertools.count(1)


def after(**duration: float) -> datetime:
    """Return a moment after `AT`, spelled as for `datetime.timedelta`."""
    return AT + timedelta(**duration)


def new_id() -> UUID:
    """Return a UUIDv7 that is greater than those before, also in its first and its last bytes."""
    number = next(_COUNT)
    return UUID(int=(0x0197_0000_0000 + (number << 16) % 2**40) << 80 | 0x7 << 76 | 0b10 << 62 | number)


def digest() -> str:
    """Return what may be the digest of some token."""
    return f"{next(_COUNT):064x}"


def pending(name: str = "ann", **changes: Any) -> Account:  # noqa: ANN401 - any field of an account
    """Return a pending account of that username, and of the address ``<name>@example.org``."""
    account = Account(
        id=AccountId(new_id()),
        email=EmailAddress(f"{name}@example.org"),
        username=Username(name),
        password_hash=PasswordHash("a hash"),
        roles=frozenset({"User"}),
        avatar_id=new_id(),
        registered_at=AT,
        purge_at=after(days=3),
    )
    return attrs.evolve(account, **changes)


def active(name: str = "ann", **changes: Any) -> Account:  # noqa: ANN401 - any field of an account
    """Return a confirmed account."""
    return pending(name, **{"confirmed_at": AT, "purge_at": None, "generation": 2, **changes})


def session_of(account: Account, **changes: Any) -> Session:  # noqa: ANN401 - any field of a session
    """Return a session that has just begun."""
    session = Session(
        id=SessionId(new_id()),
        token_digest=digest(),
        account_id=account.id,
        generation=account.generation,
        began_at=AT,
        seen_at=AT,
        proved_at=AT,
        idle=timedelta(hours=12),
        expires_at=after(days=1),
    )
    return attrs.evolve(session, **changes)


def event(**changes: Any) -> Event:  # noqa: ANN401 - any field of an event
    """Return an event that concerns nobody."""
    return attrs.evolve(Event(id=new_id(), kind=EventKind.LOGIN_FAILED, at=AT, account_id=None), **changes)


def letter(**changes: Any) -> Letter:  # noqa: ANN401 - any field of a letter
    """Return a letter that is due."""
    written = Letter(
        id=new_id(),
        kind=LetterKind.NEW_LOGIN,
        event_id=new_id(),
        account_id=AccountId(new_id()),
        recipient=EmailAddress("ann@example.org"),
        written_at=AT,
        due_at=AT,
    )
    return attrs.evolve(written, **changes)


def store(unit_of_work: UnitOfWork, *things: Account | Session | Event | Letter) -> None:
    """Store all of them in one transaction."""
    with unit_of_work.writing() as tx:
        for thing in things:
            match thing:
                case Account():
                    tx.accounts.add(thing)
                case Session():
                    tx.sessions.add(thing, 100)
                case Event():
                    tx.events.add(thing)
                case Letter():
                    tx.letters.add(thing)


@contextmanager
def rolled_back(unit_of_work: UnitOfWork) -> Iterator[Transaction]:
    """Give a writing transaction that fails in the end, so that nothing of it is kept."""
    with suppress(_NothingIsKeptError), unit_of_work.writing() as tx:
        yield tx
        raise _NothingIsKeptError


def stored(unit_of_work: UnitOfWork, account: Account) -> Account:
    """
    Return the account as it is stored now.

    Raises:
        LookupError: If it is gone.
    """
    with unit_of_work.reading() as tx:
        found = tx.accounts.get(account.id)
    if found is None:
        msg = f"account {account.id} is gone"
        raise LookupError(msg)
    return found


def shown(entity: Account | Session | Event | Letter) -> dict[str, Any]:
    """Return every field of an entity in a form that compares to the letter and the microsecond."""
    return {name: _shown(value) for name, value in attrs.asdict(entity, recurse=False).items()}


def _shown(value: object) -> object:  # noqa: PLR0911 - one for each type of field
    match value:
        case datetime():
            return value.isoformat()  # with microseconds and the offset, both of which must survive
        case EmailAddress() | Username():
            return value.text
        case Secret():
            return value.reveal()
        case frozenset():
            return sorted(value)
        case Enum():
            return (type(value).__name__, value.value)
        case UUID() | timedelta():
            return (type(value).__name__, str(value))
        case _:
            return value
