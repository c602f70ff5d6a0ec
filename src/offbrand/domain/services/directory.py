"""Directory: operators look accounts up."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import attrs

from offbrand.domain.account import known
from offbrand.domain.values import AccountId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.domain.account import Account
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import UnitOfWork
    from offbrand.domain.values import EmailAddress, Username


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Directory:
    """Lists and shows accounts, pending ones included."""

    unit_of_work: UnitOfWork
    policy: Policy

    def list(self, after: AccountId | None = None, limit: int = 50) -> Sequence[Account]:
        """Return accounts, oldest first, from the one after *after*."""
        with self.unit_of_work.reading() as tx:
            return [account.empowered(self.policy.roles) for account in tx.directory.page(after, limit)]

    def show(self, name: UUID | EmailAddress | Username) -> Account:
        """
        Return the account with this id, or the one that holds this address or username.

        Raises:
            UnknownAccount: If there is none.
        """
        with self.unit_of_work.reading() as tx:
            account = tx.accounts.get(AccountId(name)) if isinstance(name, UUID) else tx.accounts.claimed_by(name)
        return known(account).empowered(self.policy.roles)
