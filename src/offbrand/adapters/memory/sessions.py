"""Sessions and known devices in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import NotLoggedIn, StaleAccount
from offbrand.domain.values import FARTHEST_AHEAD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from offbrand.adapters.memory.tables import Tables
    from offbrand.domain.account import Account
    from offbrand.domain.session import Session
    from offbrand.domain.values import AccountId, SessionId


@attrs.frozen
class MemorySessions:
    """`Sessions` over a dictionary whose keys are the token digests."""

    _tables: Tables

    def find(self, digest: str) -> tuple[Session, Account] | None:
        """Look up by digest."""
        session = self._tables.sessions.get(digest)
        return (session, self._tables.accounts[session.account_id]) if session else None

    def of(self, account_id: AccountId) -> Sequence[Session]:
        """Return the account's sessions, last seen first."""
        rows = [session for session in self._tables.sessions.values() if session.account_id == account_id]
        return sorted(rows, key=lambda session: (session.seen_at, session.id), reverse=True)

    def add(self, session: Session, at_most: int) -> None:
        """Store a new session of an account that is active and unchanged; end the oldest beyond *at_most*."""
        account = self._tables.accounts.get(session.account_id)
        if account is None or not account.is_active or account.generation != session.generation:
            raise StaleAccount
        self._tables.sessions[session.token_digest] = session
        self._see(session)
        farthest = session.began_at + FARTHEST_AHEAD

        def age(row: Session) -> tuple[bool, bool, datetime, SessionId]:
            return row.id == session.id, row.began_at <= farthest, row.began_at, row.id

        for row in sorted(self.of(session.account_id), key=age, reverse=True)[at_most:]:
            del self._tables.sessions[row.token_digest]

    def save(self, session: Session, digest: str) -> None:
        """Put the session in the place of the one under *digest*."""
        if digest not in self._tables.sessions:
            raise NotLoggedIn
        del self._tables.sessions[digest]
        self._tables.sessions[session.token_digest] = session
        self._see(session)

    def remove(self, session_id: SessionId, account_id: AccountId) -> bool:
        """End one session of the account."""
        rows = [row for row in self.of(account_id) if row.id == session_id]
        for row in rows:
            del self._tables.sessions[row.token_digest]
        return bool(rows)

    def remove_all(self, account_id: AccountId, keep: SessionId | None = None) -> int:
        """End all sessions of the account but *keep*."""
        rows = [row for row in self.of(account_id) if row.id != keep]
        for row in rows:
            del self._tables.sessions[row.token_digest]
        return len(rows)

    def _see(self, session: Session) -> None:
        account = self._tables.accounts[session.account_id]
        self._tables.accounts[account.id] = attrs.evolve(account, last_seen_at=session.seen_at)


@attrs.frozen
class MemoryDevices:
    """`Devices` over a dictionary."""

    _tables: Tables

    def knows(self, account_id: AccountId, digest: str) -> bool:
        """Look up the pair."""
        return (account_id, digest) in self._tables.devices

    def of(self, account_id: AccountId) -> Sequence[str]:
        """Return the digests of the account's devices."""
        return [digest for owner, digest in self._tables.devices if owner == account_id]

    def add(self, account_id: AccountId, digest: str, at: datetime, at_most: int) -> None:
        """Store or refresh the device; forget those not seen for longest beyond *at_most*."""
        self._tables.devices[account_id, digest] = at
        own = [
            (key[1] == digest, seen <= at + FARTHEST_AHEAD, seen, key)
            for key, seen in self._tables.devices.items()
            if key[0] == account_id
        ]
        for *_, key in sorted(own, reverse=True)[at_most:]:
            del self._tables.devices[key]

    def remove_all(self, account_id: AccountId) -> None:
        """Forget all devices of the account."""
        for key in [key for key in self._tables.devices if key[0] == account_id]:
            del self._tables.devices[key]
