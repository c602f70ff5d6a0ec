"""Accounts in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import AddressTaken, StaleAccount, UsernameTaken
from offbrand.domain.values import EmailAddress

if TYPE_CHECKING:
    from offbrand.adapters.memory.tables import Tables
    from offbrand.domain.account import Account
    from offbrand.domain.values import AccountId, Username


@attrs.frozen
class MemoryAccounts:
    """`Accounts` over a dictionary."""

    _tables: Tables

    def get(self, account_id: AccountId) -> Account | None:
        """Look up by id."""
        return self._tables.accounts.get(account_id)

    def claimed_by(self, name: EmailAddress | Username) -> Account | None:
        """Look through the confirmed accounts."""
        for account in self._tables.accounts.values():
            held = account.email if isinstance(name, EmailAddress) else account.username
            if not account.is_pending and held.key == name.key:
                return account
        return None

    def newest_pending(self, email: EmailAddress) -> Account | None:
        """Look through the pending accounts."""
        pending = [
            account
            for account in self._tables.accounts.values()
            if account.is_pending and account.email.key == email.key
        ]
        return max(pending, key=lambda account: (account.registered_at, account.id), default=None)

    def add(self, account: Account) -> None:
        """Store a new account."""
        self._check_claims(account)
        self._tables.accounts[account.id] = attrs.evolve(account, permissions=frozenset())

    def save(self, account: Account) -> None:
        """Replace the account if nobody else has."""
        stored = self._current(account)
        self._check_claims(account)
        self._tables.accounts[account.id] = attrs.evolve(
            account,
            version=account.version + 1,
            last_seen_at=stored.last_seen_at,
            permissions=frozenset(),
        )

    def remove(self, account: Account) -> None:
        """Delete the account if nobody has changed it."""
        self._current(account)
        del self._tables.accounts[account.id]

    def _current(self, account: Account) -> Account:
        stored = self._tables.accounts.get(account.id)
        if stored is None or stored.version != account.version:
            raise StaleAccount
        return stored

    def _check_claims(self, account: Account) -> None:
        if account.is_pending:
            return
        for name, refusal in ((account.email, AddressTaken), (account.username, UsernameTaken)):
            holder = self.claimed_by(name)
            if holder is not None and holder.id != account.id:
                raise refusal
