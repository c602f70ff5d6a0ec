"""Password reset: who proves the mailbox may set another password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.claims import Purpose
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind

if TYPE_CHECKING:
    from datetime import datetime

    from offbrand.domain.account import Account
    from offbrand.domain.journal import Journal
    from offbrand.domain.links import Links
    from offbrand.domain.passwords import Passwords
    from offbrand.domain.ports import Clock, Transaction, UnitOfWork
    from offbrand.domain.values import Client, EmailAddress, Password, Token
    from offbrand.domain.visits import Visits


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PasswordReset:
    """Replaces forgotten passwords."""

    unit_of_work: UnitOfWork
    passwords: Passwords
    links: Links
    journal: Journal
    visits: Visits
    clock: Clock

    def request(self, email: EmailAddress, *, client: Client) -> None:
        """
        Send a reset link to the active account of *email*; tells nobody whether there is one.

        An address that only pending accounts name gets the newest one's confirmation link instead.

        Raises:
            TooManyAttempts: If the client's network has asked too often.
        """
        self.links.admit_request(client)
        now = self.clock.now()
        with self.unit_of_work.reading() as tx:
            kind, counted = _addressee(tx, email, now)
            is_for_somebody = counted is not None and counted.may_be_opened
            until = counted.purge_at if counted and counted.is_pending else None
        allowed = self.links.allows(kind, email, is_for_somebody=is_for_somebody, until=until)
        with self.unit_of_work.writing() as tx:
            kind, account = _addressee(tx, email, now)
            event = self.journal.record(
                tx,
                EventKind.PASSWORD_RESET_REQUESTED,
                at=now,
                account_id=account.id if account else None,
                client=client,
            )
            # An account that was not there a moment ago was not counted either; whoever asks again gets the letter.
            is_due = allowed and counted is not None and account is not None and account.id == counted.id
            if account and is_due and account.is_active:
                until = self.links.expiry(Purpose.PASSWORD_RESET, now)
                self.journal.link(tx, kind, event, account, to=account.email, expires_at=until)
            else:
                self.journal.link_pending(tx, event, account if account and is_due and account.is_pending else None)

    def complete(self, token: Token, password: Password, *, client: Client) -> Token:
        """
        Set *password*; every other link and every session ends. Never logs in; returns the device's token.

        Raises:
            InvalidToken: If *token* is forged, spent, void, expired or meant for something else.
            WeakPassword: If the policy forbids *password*.
            Busy: If too many others are hashing.
        """
        claim = self.links.read(token, Purpose.PASSWORD_RESET)
        with self.unit_of_work.reading() as tx:
            account = claim.check(tx.accounts.get(claim.account_id), self.clock.now())
            devices = tx.devices.of(account.id)
        with self.passwords.admit(client) as place:
            self.passwords.check(password, account.email, account.username)
            password_hash = place.hash(password)
        # Before the change: if this fails the link still works, and whoever has it may start afresh anyway.
        self.passwords.replaced(account.id, devices)
        self.links.renew(account.email)
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            account = claim.check(tx.accounts.get(claim.account_id), now).set_password(password_hash)
            tx.accounts.save(account)
            tx.sessions.remove_all(account.id)
            # A thief may have a known device or a copy of this one's token, and this one may have used up its
            # guesses: the one that holds the mailbox starts anew, under a new name.
            tx.devices.remove_all(account.id)
            device = self.visits.know_device(tx, account, client.as_stranger(), now)
            event = self.journal.record(tx, EventKind.PASSWORD_RESET, at=now, account_id=account.id, client=client)
            self.journal.notify(tx, LetterKind.PASSWORD_CHANGED, event, account)
        return device


def _addressee(tx: Transaction, email: EmailAddress, at: datetime) -> tuple[LetterKind, Account | None]:
    """Return which letter a forgotten password causes, and whose account it is about."""
    holder, pending = tx.accounts.claimed_by(email), tx.accounts.newest_pending(email)
    if pending and pending.is_awaited(at) and not holder:
        return LetterKind.CONFIRMATION, pending
    return LetterKind.PASSWORD_RESET, holder
