"""Registration: a person asks for an account, which claims nothing until the mailbox is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.account import Account
from offbrand.domain.claims import Purpose
from offbrand.domain.errors import UsernameTaken
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import AccountId

if TYPE_CHECKING:
    from offbrand.domain.journal import Journal
    from offbrand.domain.links import Links
    from offbrand.domain.passwords import Passwords
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import Clock, UnitOfWork
    from offbrand.domain.values import Client, EmailAddress, Password, Username


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Registration:
    """Creates pending accounts."""

    unit_of_work: UnitOfWork
    passwords: Passwords
    links: Links
    journal: Journal
    clock: Clock
    policy: Policy

    def register(self, email: EmailAddress, username: Username, password: Password, *, client: Client) -> None:
        """
        Create a pending account and write to its mailbox.

        The letter has the confirmation link, or says without one that the address has an account already; whoever
        asks cannot tell which (law L4).

        Raises:
            WeakPassword: If the policy forbids *password*.
            UsernameTaken: If another account holds *username*; usernames are public.
            TooManyAttempts: If the client's network has registered too often.
            Busy: If too many others are hashing.
        """
        with self.passwords.admit(client) as place:
            self.passwords.check(password, email, username)
            self.links.admit_registration(client)
            with self.unit_of_work.reading() as tx:
                if tx.accounts.claimed_by(username):
                    raise UsernameTaken
                is_taken = tx.accounts.claimed_by(email) is not None
            password_hash = place.hash(password)
        allowed = self.links.allows(LetterKind.ALREADY_REGISTERED if is_taken else LetterKind.CONFIRMATION, email)
        now = self.clock.now()
        until = self.links.expiry(Purpose.CONFIRMATION, now)
        account = Account(
            id=AccountId(self.journal.new_id()),
            email=email,
            username=username,
            password_hash=password_hash,
            roles=self.policy.first_roles,
            avatar_id=self.journal.new_id(),
            registered_at=now,
            purge_at=until,
        )
        with self.unit_of_work.writing() as tx:
            owner = tx.accounts.claimed_by(email)
            tx.accounts.add(account)
            event = self.journal.record(tx, EventKind.REGISTERED, at=now, account_id=account.id, client=client)
            if not allowed:
                self.journal.link_nobody(tx, LetterKind.CONFIRMATION, event)
            elif owner:
                self.journal.notify(tx, LetterKind.ALREADY_REGISTERED, event, owner)
            else:
                self.journal.link(tx, LetterKind.CONFIRMATION, event, account, to=email, expires_at=until)
