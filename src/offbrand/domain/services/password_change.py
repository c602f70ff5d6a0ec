"""Password change: who is logged in and knows the password may set another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import InvalidCredentials, WrongPassword
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind

if TYPE_CHECKING:
    from offbrand.domain.journal import Journal
    from offbrand.domain.links import Links
    from offbrand.domain.passwords import Passwords
    from offbrand.domain.ports import Clock, UnitOfWork
    from offbrand.domain.values import Client, Password, Token
    from offbrand.domain.visits import Opened, Visits


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PasswordChange:
    """Replaces a password that its owner knows."""

    unit_of_work: UnitOfWork
    passwords: Passwords
    links: Links
    journal: Journal
    visits: Visits
    clock: Clock

    def change(self, session: Token, current: Password, new: Password, *, client: Client) -> Opened:
        """
        Set *new*; this browser gets a new session token, every other session and every link ends.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
            WrongPassword: If *current* does not match.
            WeakPassword: If the policy forbids *new*.
            TooManyAttempts, Busy: As for a login.
        """
        with self.unit_of_work.reading() as tx:
            visit = self.visits.within(tx, session, self.clock.now())
            device = self.visits.known_device(tx, visit.account, client)
            devices = tx.devices.of(visit.account.id)
        account = visit.account
        try:
            with self.passwords.admit(client) as place:
                self.passwords.check(new, account.email, account.username)
                self.passwords.prove(current, account, place=place, client=client, device=device)
                password_hash = place.hash(new)
        except InvalidCredentials:
            self.journal.record_failed_proof(self.unit_of_work, account.id, client, self.clock.now())
            raise WrongPassword from None
        # Before the change, as its owner is known by now: what fails here must not leave a change half done.
        self.passwords.replaced(account.id, devices)
        self.links.renew(account.email)
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            # A password replaced meanwhile has ended this session, so what was proved above still is the password.
            visit = self.visits.locked(tx, session, now)
            row, changed = visit.session, visit.account.set_password(password_hash)
            tx.accounts.save(changed)
            tx.sessions.remove_all(changed.id, keep=row.id)
            self.visits.forget_other_devices(tx, changed, device, now)
            opened = self.visits.rotate(tx, row.proved(now).carried_over(changed), now)
            event = self.journal.record(tx, EventKind.PASSWORD_CHANGED, at=now, account_id=changed.id, client=client)
            self.journal.notify(tx, LetterKind.PASSWORD_CHANGED, event, changed)
        return opened
