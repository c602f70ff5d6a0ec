"""
Repositories: what one transaction reads and writes; the part of the ports that a database stands behind.

A reading transaction only reads. In a writing one, `Accounts.get` locks, so that what is decided is what is saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from offbrand.domain.account import Account
    from offbrand.domain.events import Event
    from offbrand.domain.letters import Letter, LetterState
    from offbrand.domain.session import Session
    from offbrand.domain.values import AccountId, EmailAddress, SessionId, Username


class Accounts(Protocol):
    """Accounts of one transaction."""

    def get(self, account_id: AccountId) -> Account | None:
        """Return the account, pending or not; in a writing transaction it is locked until the end."""
        ...

    def claimed_by(self, name: EmailAddress | Username) -> Account | None:
        """Return the account that holds this address or username; pending ones hold none."""
        ...

    def newest_pending(self, email: EmailAddress) -> Account | None:
        """Return the pending account that was last registered for *email*."""
        ...

    def add(self, account: Account) -> None:
        """
        Store a new account.

        Raises:
            UsernameTaken, AddressTaken: If it is confirmed and claims what another holds.
        """
        ...

    def save(self, account: Account) -> None:
        """
        Replace the stored account if its version is still ``account.version``, and raise that by one.

        ``last_seen_at`` is left as stored.

        Raises:
            StaleAccount: If the stored version is another, or the account is gone.
            UsernameTaken, AddressTaken: If it claims what another account holds.
        """
        ...

    def remove(self, account: Account) -> None:
        """
        Delete a pending account.

        Raises:
            StaleAccount: As for `save`.
        """
        ...


class Sessions(Protocol):
    """Sessions of one transaction."""

    def find(self, digest: str) -> tuple[Session, Account] | None:
        """Return the session with this token digest and its account, in one query."""
        ...

    def of(self, account_id: AccountId) -> Sequence[Session]:
        """Return the account's sessions, last seen first."""
        ...

    def add(self, session: Session, at_most: int) -> None:
        """
        Store a new session, mark the account as seen, and end the oldest others beyond *at_most*.

        What began later than `FARTHEST_AHEAD` from then is over, as a clock that was wrong began it, and ends first.

        Raises:
            StaleAccount: If the account is not active any more, or its generation is not the session's.
        """
        ...

    def save(self, session: Session, digest: str) -> None:
        """
        Replace the session stored under the token *digest*, and mark the account as seen.

        Raises:
            NotLoggedIn: If there is none, so that what was ended stays ended.
        """
        ...

    def remove(self, session_id: SessionId, account_id: AccountId) -> bool:
        """End this session of this account; return whether there was one."""
        ...

    def remove_all(self, account_id: AccountId, keep: SessionId | None = None) -> int:
        """End all sessions of the account but *keep*; return how many there were."""
        ...


class Devices(Protocol):
    """Browsers that an account has used before, of one transaction."""

    def knows(self, account_id: AccountId, digest: str) -> bool:
        """Return whether the account was used from this device."""
        ...

    def of(self, account_id: AccountId) -> Sequence[str]:
        """Return the digests of the devices that the account knows."""
        ...

    def add(self, account_id: AccountId, digest: str, at: datetime, at_most: int) -> None:
        """
        Store the device or mark it as seen, and forget the others not seen for longest beyond *at_most*.

        What was seen later than `FARTHEST_AHEAD` from *at* was so by a clock that was wrong, and is forgotten first.
        """
        ...

    def remove_all(self, account_id: AccountId) -> None:
        """Forget all devices of the account."""
        ...


class Events(Protocol):
    """The append-only log, in one transaction."""

    def add(self, event: Event) -> None:
        """Append; the repository gives the position."""
        ...

    def of(self, account_id: AccountId, limit: int) -> Sequence[Event]:
        """Return the account's last events, newest first."""
        ...

    def after(self, position: int, limit: int) -> Sequence[Event]:
        """Return the events after *position*, oldest first."""
        ...

    def newest(self, limit: int) -> Sequence[Event]:
        """Return the last events, newest first; one that is being written may still come before them."""
        ...


class Letters(Protocol):
    """Letters of one transaction."""

    def add(self, letter: Letter) -> None:
        """Store a letter that waits."""
        ...

    def lease(self, limit: int, at: datetime, until: datetime) -> Sequence[Letter]:
        """
        Return due letters that nobody has leased, or whose lease is over, leased until *until*.

        What is due, or leased, until later than `FARTHEST_AHEAD` was put off by a clock that was wrong, and is due.
        """
        ...

    def settle(self, letter: Letter) -> None:
        """
        Store how an attempt ended, and end the lease that it was made under, which ``leased_until`` still names.

        A letter that is gone, no longer waits, or was leased to somebody else meanwhile is left alone.
        """
        ...

    def counts(self) -> Mapping[LetterState, int]:
        """Return how many letters are in each state."""
        ...

    def troubled(self, limit: int) -> Sequence[Letter]:
        """Return letters that could not leave: first the dead, then the delayed, of each the last due first."""
        ...

    def requeue(self, at: datetime, letter_id: UUID | None = None) -> int:
        """
        Make dead letters wait again, due now and with no attempts; return how many there were.

        That is every one of them, or the one of *letter_id* alone.
        """
        ...


class Directory(Protocol):
    """All accounts, for operators and housekeeping, in one transaction."""

    def page(self, after: AccountId | None, limit: int) -> Sequence[Account]:
        """Return accounts in the order of their ids, from the one after *after*."""
        ...

    def due(self, at: datetime, limit: int) -> Sequence[AccountId]:
        """Return accounts whose time to be purged has come."""
        ...

    def erase(self, account_id: AccountId, at: datetime) -> bool:
        """
        Delete an account that is still due with its sessions, devices and letters, and its events' client data.

        Return whether it was; an account that has been confirmed or reopened meanwhile is not.
        """
        ...

    def sweep(self, at: datetime, before: datetime, limit: int) -> int:
        """
        Delete sessions over at *at* and letters settled *before*, erase the client data of events before that.

        Return how many rows it met, at most *limit* of each; 0 when nothing is left to do.
        """
        ...

    def clock(self) -> datetime:
        """Return the database's own time."""
        ...


class Transaction(Protocol):
    """Everything that is read and written together."""

    @property
    def accounts(self) -> Accounts:
        """Accounts."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Sessions."""
        ...

    @property
    def devices(self) -> Devices:
        """Known devices."""
        ...

    @property
    def events(self) -> Events:
        """The log."""
        ...

    @property
    def letters(self) -> Letters:
        """Letters."""
        ...

    @property
    def directory(self) -> Directory:
        """All accounts."""
        ...
