"""Confirmation: the mailbox is proved, and the account claims its address and username."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.claims import Claim, Purpose
from offbrand.domain.errors import AddressTaken, InvalidCredentials, UsernameTaken, WrongPassword
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from offbrand.domain.account import Account
    from offbrand.domain.journal import Journal
    from offbrand.domain.links import Links
    from offbrand.domain.passwords import Passwords
    from offbrand.domain.ports import Clock, Transaction, UnitOfWork
    from offbrand.domain.values import Client, EmailAddress, Password, Token, Username
    from offbrand.domain.visits import Opened, Visits


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Confirmation:
    """Turns pending accounts into active ones."""

    unit_of_work: UnitOfWork
    passwords: Passwords
    links: Links
    journal: Journal
    visits: Visits
    clock: Clock

    def request(self, email: EmailAddress, *, client: Client) -> None:
        """
        Send a fresh link for the newest pending account of *email*; tells nobody whether there is one.

        Raises:
            TooManyAttempts: If the client's network has asked too often.
        """
        self.links.admit_request(client)
        now = self.clock.now()
        with self.unit_of_work.reading() as tx:
            awaited = _awaited(tx, email, now)
            until = awaited.purge_at if awaited else None
        allowed = self.links.allows(LetterKind.CONFIRMATION, email, is_for_somebody=awaited is not None, until=until)
        with self.unit_of_work.writing() as tx:
            pending = _awaited(tx, email, now)
            account_id = pending.id if pending else None
            event = self.journal.record(
                tx, EventKind.CONFIRMATION_REQUESTED, at=now, account_id=account_id, client=client
            )
            self.journal.link_pending(tx, event, pending if allowed and awaited else None)

    def complete(self, token: Token, password: Password, *, client: Client) -> Opened:
        """
        Confirm with the password chosen at registration, which also is the first login.

        Raises:
            InvalidToken: If *token* is forged, spent, void, expired or meant for something else.
            WrongPassword: If *password* is another.
            UsernameTaken, AddressTaken: If another account claimed it meanwhile.
            TooManyAttempts, Busy: As for a login.
        """
        claim = self.links.read(token, Purpose.CONFIRMATION)
        pending = self._account(claim)
        try:
            with self.passwords.admit(client) as place:
                self.passwords.prove(password, pending, place=place, client=client, device=None)
        except InvalidCredentials:
            self.journal.record_failed_proof(self.unit_of_work, pending.id, client, self.clock.now())
            raise WrongPassword from None
        return self._confirm(claim, client, lambda account, now: account.confirm(now))

    def complete_anew(self, token: Token, username: Username, new_password: Password, *, client: Client) -> Opened:
        """
        Confirm as the owner of the mailbox who did not choose the password; what was chosen is discarded.

        Raises:
            InvalidToken: If *token* is forged, spent, void, expired or meant for something else.
            WeakPassword: If the policy forbids *new_password*.
            UsernameTaken, AddressTaken: If another account holds it.
            Busy: If too many others are hashing.
        """
        claim = self.links.read(token, Purpose.CONFIRMATION)
        pending = self._account(claim)
        with self.passwords.admit(client) as place:
            self.passwords.check(new_password, pending.email, username)
            password_hash = place.hash(new_password)

        def anew(account: Account, at: datetime) -> Account:
            return account.confirm_anew(username, password_hash, at)

        # What is refused leaves the old password where it was, for whoever has the link to guess at.
        with self.unit_of_work.reading() as tx:
            _confirmed(tx, claim, anew, self.clock.now())
        self.passwords.replaced(pending.id)
        return self._confirm(claim, client, anew)

    def discard(self, token: Token, *, client: Client) -> None:
        """
        Delete the pending account: the owner of the mailbox did not register.

        Raises:
            InvalidToken: If *token* is forged, spent, void, expired or meant for something else.
        """
        claim = self.links.read(token, Purpose.CONFIRMATION)
        pending = self._account(claim)
        self.passwords.replaced(pending.id)
        self.links.renew(pending.email)
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            account = claim.check(tx.accounts.get(claim.account_id), now)
            tx.accounts.remove(account)
            self.journal.record(tx, EventKind.REGISTRATION_DISCARDED, at=now, account_id=account.id, client=client)

    def _account(self, claim: Claim) -> Account:
        with self.unit_of_work.reading() as tx:
            return claim.check(tx.accounts.get(claim.account_id), self.clock.now())

    def _confirm(self, claim: Claim, client: Client, change: Callable[[Account, datetime], Account]) -> Opened:
        # What was sent to the mailbox led to this registration, or to an account that has left the address since.
        self.links.renew(claim.email)
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            account = _confirmed(tx, claim, change, now)
            tx.accounts.save(account)
            self.journal.record(tx, EventKind.CONFIRMED, at=now, account_id=account.id, client=client)
            return self.visits.begin(tx, account, client.as_stranger(), now, remember=False)


def _confirmed(tx: Transaction, claim: Claim, change: Callable[[Account, datetime], Account], at: datetime) -> Account:
    """Return what *change* makes of the claim's account, whose names nobody else holds."""
    account = change(claim.check(tx.accounts.get(claim.account_id), at), at)
    if tx.accounts.claimed_by(account.email):
        raise AddressTaken
    if tx.accounts.claimed_by(account.username):
        raise UsernameTaken
    return account


def _awaited(tx: Transaction, email: EmailAddress, at: datetime) -> Account | None:
    """Return the newest pending account of *email*, unless another has claimed the address or its time is over."""
    claimed, pending = tx.accounts.claimed_by(email), tx.accounts.newest_pending(email)
    return pending if pending and pending.is_awaited(at) and not claimed else None
