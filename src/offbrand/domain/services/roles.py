"""Roles: operators give and take them; nobody gets one by an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.account import known
from offbrand.domain.errors import UnknownRole, WrongState
from offbrand.domain.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.domain.journal import Journal
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import Clock, Transaction, UnitOfWork
    from offbrand.domain.roles import Role
    from offbrand.domain.values import AccountId


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Roles:
    """Grants and revokes roles; effective at the holder's next request."""

    unit_of_work: UnitOfWork
    journal: Journal
    clock: Clock
    policy: Policy

    def list(self) -> Sequence[Role]:
        """Return the roles that exist."""
        return self.policy.roles

    def grant(self, account_id: AccountId, name: str, *, actor: str) -> None:
        """
        Give the role called *name*; does nothing if the account has it.

        Raises:
            UnknownAccount: If there is none with this id.
            UnknownRole: If there is none with this name.
            WrongState: If the mailbox is not proved yet.
        """
        role = next((role for role in self.policy.roles if role.name == name), None)
        if role is None:
            raise UnknownRole
        with self.unit_of_work.writing() as tx:
            account = known(tx.accounts.get(account_id))
            if account.is_pending:
                raise WrongState("Roles are granted only after the account is confirmed.")
            if name not in account.roles:
                tx.accounts.save(account.grant(role))
                self._record(tx, EventKind.ROLE_GRANTED, account_id, actor, name)

    def revoke(self, account_id: AccountId, name: str, *, actor: str) -> None:
        """
        Take the role called *name*, which need not exist any more; does nothing if the account lacks it.

        Raises:
            UnknownAccount: If there is none with this id.
        """
        with self.unit_of_work.writing() as tx:
            account = known(tx.accounts.get(account_id))
            if name in account.roles:
                tx.accounts.save(account.revoke(name))
                self._record(tx, EventKind.ROLE_REVOKED, account_id, actor, name)

    def _record(self, tx: Transaction, kind: EventKind, account_id: AccountId, actor: str, name: str) -> None:
        self.journal.record(tx, kind, at=self.clock.now(), account_id=account_id, actor=actor, outcome=name)
