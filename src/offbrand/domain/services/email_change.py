"""Email change: the new address proves itself, and the former one may take the account back for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.account import known
from offbrand.domain.claims import Purpose
from offbrand.domain.errors import AddressTaken
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind

if TYPE_CHECKING:
    from offbrand.domain.journal import Journal
    from offbrand.domain.links import Links
    from offbrand.domain.ports import Clock, UnitOfWork
    from offbrand.domain.values import AccountId, Client, EmailAddress, Token
    from offbrand.domain.visits import Opened, Visits


@attrs.frozen(kw_only=True, eq=False, repr=False)
class EmailChange:
    """Moves accounts to other addresses, and back."""

    unit_of_work: UnitOfWork
    links: Links
    journal: Journal
    visits: Visits
    clock: Clock

    def request(self, session: Token, new_email: EmailAddress, *, client: Client) -> None:
        """
        Send a link to *new_email*; nothing changes before it is followed.

        An address that has an account is written to as well, without a link; whoever asks cannot tell (law L4).

        Raises:
            NotLoggedIn, ProofNeeded: If there is no valid session with fresh proof.
            AddressUnchanged: If it is the account's address already.
            UndoPending: While the former address may undo the last change.
        """
        now = self.clock.now()
        with self.unit_of_work.reading() as tx:
            account = self.visits.proved(tx, session, now).account
            account.check_new_email(new_email, now)
            is_taken = tx.accounts.claimed_by(new_email) is not None
        kind = LetterKind.ALREADY_REGISTERED if is_taken else LetterKind.EMAIL_CHANGE
        allowed = self.links.allows_from(account, kind, new_email)
        with self.unit_of_work.writing() as tx:
            account = self.visits.proved(tx, session, now).account
            account.check_new_email(new_email, now)
            holder = tx.accounts.claimed_by(new_email)
            event = self.journal.record(
                tx, EventKind.EMAIL_CHANGE_REQUESTED, at=now, account_id=account.id, client=client
            )
            if not allowed:
                self.journal.link_nobody(tx, LetterKind.EMAIL_CHANGE, event)
            elif holder:
                self.journal.notify(tx, LetterKind.ALREADY_REGISTERED, event, holder)
            else:
                until = self.links.expiry(Purpose.EMAIL_CHANGE, now)
                self.journal.link(tx, LetterKind.EMAIL_CHANGE, event, account, to=new_email, expires_at=until)

    def complete(self, session: Token, token: Token, *, client: Client) -> Opened:
        """
        Move to the address that *token* names, tell the former one, and end every other session and link.

        Raises:
            NotLoggedIn: If there is no valid session.
            InvalidToken: If *token* is forged, spent, void, expired, or names another account than the session.
            UndoPending: While the former address may undo an earlier change.
            AddressTaken: If another account claimed the address meanwhile.
        """
        claim = self.links.read(token, Purpose.EMAIL_CHANGE)
        # The mailbox that was sent *token* may have been the account's before, and its links from then are void.
        self.links.renew(claim.email)
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            visit = self.visits.locked(tx, session, now)
            account = claim.check(visit.account, now)
            account.check_new_email(claim.email, now)
            if tx.accounts.claimed_by(claim.email):
                raise AddressTaken
            undo_until = self.links.expiry(Purpose.EMAIL_UNDO, now)
            moved = account.change_email(claim.email, undo_until=undo_until)
            tx.accounts.save(moved)
            tx.sessions.remove_all(account.id, keep=visit.session.id)
            event = self.journal.record(tx, EventKind.EMAIL_CHANGED, at=now, account_id=account.id, client=client)
            self.journal.link(tx, LetterKind.EMAIL_CHANGED, event, moved, to=account.email, expires_at=undo_until)
            return self.visits.rotate(tx, visit.session.carried_over(moved), now)

    def undo(self, token: Token, *, client: Client) -> None:
        """
        Take the account back to its former address.

        The password goes, all sessions end, and a reset link is sent to the restored address. Never logs in.

        Raises:
            InvalidToken: If *token* is forged, spent, expired or meant for something else.
            AddressTaken: If another account has claimed the former address.
        """
        claim = self.links.read(token, Purpose.EMAIL_UNDO)
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            account = claim.check(tx.accounts.get(claim.account_id), now)
            if tx.accounts.claimed_by(claim.email):
                raise AddressTaken
            restored = account.undo_email_change()
            tx.accounts.save(restored)
            tx.sessions.remove_all(account.id)
            tx.devices.remove_all(account.id)
            event = self.journal.record(tx, EventKind.EMAIL_RESTORED, at=now, account_id=account.id, client=client)
            until = self.links.expiry(Purpose.PASSWORD_RESET, now)
            self.journal.link(tx, LetterKind.EMAIL_RESTORED, event, restored, to=restored.email, expires_at=until)

    def end_undo(self, account_id: AccountId, *, actor: str) -> None:
        """
        Take from the former address the power to undo; an operator does so when its owner has lost that mailbox.

        Raises:
            UnknownAccount: If there is none with this id.
            WrongState: If there is nothing to undo.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            account = known(tx.accounts.get(account_id))
            tx.accounts.save(account.end_undo())
            self.journal.record(tx, EventKind.EMAIL_UNDO_ENDED, at=now, account_id=account_id, actor=actor)
