"""Administration: what operators do to accounts; they never see or choose a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.account import known
from offbrand.domain.claims import Purpose
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind

if TYPE_CHECKING:
    from offbrand.domain.journal import Journal
    from offbrand.domain.links import Links
    from offbrand.domain.ports import Clock, UnitOfWork
    from offbrand.domain.values import AccountId


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Administration:
    """Disables and enables accounts, and cuts off what might be in wrong hands."""

    unit_of_work: UnitOfWork
    links: Links
    journal: Journal
    clock: Clock

    def disable(self, account_id: AccountId, *, actor: str) -> None:
        """
        Shut the account and end its sessions and links.

        Raises:
            UnknownAccount: If there is none with this id.
            WrongState: If it is not active.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            tx.accounts.save(known(tx.accounts.get(account_id)).disable(now))
            tx.sessions.remove_all(account_id)
            self.journal.record(tx, EventKind.DISABLED, at=now, account_id=account_id, actor=actor)

    def enable(self, account_id: AccountId, *, actor: str) -> None:
        """
        Open a disabled account again; its sessions stay ended.

        Raises:
            UnknownAccount: If there is none with this id.
            WrongState: If it is not disabled.
        """
        with self.unit_of_work.reading() as tx:
            account = known(tx.accounts.get(account_id))
        # What it was sent before was voided when it was disabled.
        self.links.renew(account.email)
        with self.unit_of_work.writing() as tx:
            tx.accounts.save(known(tx.accounts.get(account_id)).enable())
            self.journal.record(tx, EventKind.ENABLED, at=self.clock.now(), account_id=account_id, actor=actor)

    def end_sessions(self, account_id: AccountId, *, actor: str) -> int:
        """
        End all sessions of the account; return how many there were.

        Raises:
            UnknownAccount: If there is none with this id.
        """
        with self.unit_of_work.writing() as tx:
            known(tx.accounts.get(account_id))
            ended = tx.sessions.remove_all(account_id)
            self.journal.record(tx, EventKind.SESSIONS_ENDED, at=self.clock.now(), account_id=account_id, actor=actor)
            return ended

    def remove_password(self, account_id: AccountId, *, actor: str) -> None:
        """
        Make the password useless, end sessions, links and known devices, and send the owner a reset link.

        Raises:
            UnknownAccount: If there is none with this id.
            WrongState: If it is not active.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            account = known(tx.accounts.get(account_id)).remove_password()
            tx.accounts.save(account)
            tx.sessions.remove_all(account_id)
            tx.devices.remove_all(account_id)
            event = self.journal.record(tx, EventKind.PASSWORD_REMOVED, at=now, account_id=account_id, actor=actor)
            until = self.links.expiry(Purpose.PASSWORD_RESET, now)
            self.journal.link(tx, LetterKind.PASSWORD_RESET, event, account, to=account.email, expires_at=until)
