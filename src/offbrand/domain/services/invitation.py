"""Invitation: an operator registers somebody, who chooses the password by proving the mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.account import Account
from offbrand.domain.errors import AddressTaken, UnknownRole, UsernameTaken
from offbrand.domain.events import EventKind
from offbrand.domain.values import AccountId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offbrand.domain.journal import Journal
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import Clock, UnitOfWork
    from offbrand.domain.values import EmailAddress, Username


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Invitation:
    """Creates pending accounts without a password; they are completed through `Confirmation.complete_anew`."""

    unit_of_work: UnitOfWork
    journal: Journal
    clock: Clock
    policy: Policy

    def invite(self, email: EmailAddress, username: Username, *, actor: str, roles: Iterable[str] = ()) -> AccountId:
        """
        Create a pending account with the first roles and *roles*, and send the invitation; return its id.

        Raises:
            AddressTaken, UsernameTaken: If another account holds it; operators may know.
            UnknownRole: If one of *roles* does not exist.
        """
        names = self.policy.first_roles | frozenset(roles)
        if not names <= {role.name for role in self.policy.roles}:
            raise UnknownRole
        now = self.clock.now()
        account = Account(
            id=AccountId(self.journal.new_id()),
            email=email,
            username=username,
            password_hash=None,
            roles=names,
            avatar_id=self.journal.new_id(),
            registered_at=now,
            purge_at=now + self.policy.invitation_lifetime,
        )
        with self.unit_of_work.writing() as tx:
            if tx.accounts.claimed_by(email):
                raise AddressTaken
            if tx.accounts.claimed_by(username):
                raise UsernameTaken
            tx.accounts.add(account)
            event = self.journal.record(tx, EventKind.INVITED, at=now, account_id=account.id, actor=actor)
            self.journal.link_pending(tx, event, account)
        return account.id
