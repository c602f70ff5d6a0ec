"""Directory in memory: all accounts, and what is past its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.letters import LetterState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from offbrand.adapters.memory.tables import Tables
    from offbrand.domain.account import Account
    from offbrand.domain.ports import Clock
    from offbrand.domain.values import AccountId


@attrs.frozen
class MemoryDirectory:
    """`Directory` over the tables; its "database clock" is the clock that it is given."""

    _tables: Tables
    _clock: Clock

    def page(self, after: AccountId | None, limit: int) -> Sequence[Account]:
        """Return accounts in the order of their ids."""
        ids = sorted(account_id for account_id in self._tables.accounts if after is None or account_id > after)
        return [self._tables.accounts[account_id] for account_id in ids[:limit]]

    def due(self, at: datetime, limit: int) -> Sequence[AccountId]:
        """Return accounts whose time to be purged has come."""
        return [account.id for account in self._tables.accounts.values() if _is_due(account, at)][:limit]

    def erase(self, account_id: AccountId, at: datetime) -> bool:
        """Delete an account that is still due, and everything that leads to it."""
        account = self._tables.accounts.get(account_id)
        if account is None or not _is_due(account, at):
            return False
        tables = self._tables
        for digest in [key for key, session in tables.sessions.items() if session.account_id == account_id]:
            del tables.sessions[digest]
        for device in [key for key in tables.devices if key[0] == account_id]:
            del tables.devices[device]
        for letter_id in [key for key, letter in tables.letters.items() if letter.account_id == account_id]:
            del tables.letters[letter_id]
        for position, event in list(tables.events.items()):
            if event.account_id == account_id:
                tables.events[position] = attrs.evolve(event, network=None, user_agent=None, identifier_digest=None)
        del tables.accounts[account_id]
        return True

    def sweep(self, at: datetime, before: datetime, limit: int) -> int:
        """Delete ended sessions and old settled letters; erase the client data of old events."""
        tables = self._tables
        over = [
            digest
            for digest, session in tables.sessions.items()
            if session.expires_at <= at or session.seen_at + session.idle <= at
        ][:limit]
        for digest in over:
            del tables.sessions[digest]
        settled = [
            letter_id
            for letter_id, letter in tables.letters.items()
            if letter.state is not LetterState.WAITING and letter.due_at < before
        ][:limit]
        for letter_id in settled:
            del tables.letters[letter_id]
        old = [
            position
            for position, event in tables.events.items()
            if event.at < before and (event.network or event.user_agent or event.identifier_digest)
        ][:limit]
        for position in old:
            tables.events[position] = attrs.evolve(
                tables.events[position], network=None, user_agent=None, identifier_digest=None
            )
        return len(over) + len(settled) + len(old)

    def clock(self) -> datetime:
        """Return the time of the clock."""
        return self._clock.now()


def _is_due(account: Account, at: datetime) -> bool:
    return account.purge_at is not None and account.purge_at <= at
