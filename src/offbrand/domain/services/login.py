"""Login: an address or a username, and a password, become a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import InvalidCredentials, NotLoggedIn, WrongPassword
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind

if TYPE_CHECKING:
    from offbrand.domain.account import Account
    from offbrand.domain.journal import Journal
    from offbrand.domain.passwords import Passwords, Proof
    from offbrand.domain.ports import Clock, Tokens, Transaction, UnitOfWork
    from offbrand.domain.values import Client, EmailAddress, Password, Token, Username
    from offbrand.domain.visits import Opened, Visits


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Login:
    """Begins, proves and ends one's own session."""

    unit_of_work: UnitOfWork
    passwords: Passwords
    journal: Journal
    visits: Visits
    tokens: Tokens
    clock: Clock

    def log_in(
        self,
        identifier: EmailAddress | Username,
        password: Password,
        remember: bool = False,  # noqa: FBT001, FBT002 - the third thing a login form has
        *,
        client: Client,
    ) -> Opened:
        """
        Begin a session; *remember* makes it a longer one.

        A pending, disabled, closed or passwordless account answers exactly as an unknown one (law L4).

        Raises:
            InvalidCredentials: If no active account has this identifier and password.
            TooManyAttempts: If the client's network or the identifier has used up its guesses.
            Busy: If too many others are hashing.
            StaleAccount: If the account was changed at the same moment.
        """
        fingerprint = self.tokens.fingerprint(identifier.key)
        holder = None
        try:
            with self.passwords.admit(client) as place:
                with self.unit_of_work.reading() as tx:
                    holder = tx.accounts.claimed_by(identifier)
                    account = holder if holder and holder.is_active and holder.password_hash else None
                    device = self.visits.known_device(tx, account, client)
                proof = self.passwords.prove(
                    password, account, place=place, client=client, device=device, identifier=fingerprint, renew=True
                )
        except InvalidCredentials:
            with self.unit_of_work.writing() as tx:
                self.journal.record(
                    tx,
                    EventKind.LOGIN_FAILED,
                    at=self.clock.now(),
                    account_id=holder.id if holder else None,
                    client=client,
                    outcome="refused",
                    identifier_digest=fingerprint,
                )
            raise
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            visitor = client if device else client.as_stranger()
            opened = self.visits.begin(tx, proof.account, visitor, now, remember=remember)
            event = self.journal.record(tx, EventKind.LOGGED_IN, at=now, account_id=proof.account.id, client=client)
            if device is None:
                self.journal.notify(tx, LetterKind.NEW_LOGIN, event, proof.account)
            if proof.newer_hash:
                self._rehash(tx, proof)
        return opened

    def account_of(self, session: Token) -> Account:
        """
        Return the account that a session belongs to, with its permissions.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
        """
        return self.visits.current(session).account

    def prove(self, session: Token, password: Password, *, client: Client) -> Opened:
        """
        Type the password again, to be allowed what needs fresh proof; the session's token changes.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
            WrongPassword: If *password* does not match.
            TooManyAttempts, Busy: As for a login.
        """
        with self.unit_of_work.reading() as tx:
            visit = self.visits.within(tx, session, self.clock.now())
            device = self.visits.known_device(tx, visit.account, client)
        try:
            with self.passwords.admit(client) as place:
                self.passwords.prove(password, visit.account, place=place, client=client, device=device)
        except InvalidCredentials:
            self.journal.record_failed_proof(self.unit_of_work, visit.account.id, client, self.clock.now())
            raise WrongPassword from None
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            # Read again: a password changed since it was proved has ended the session, or raised its generation.
            current = self.visits.locked(tx, session, now)
            self.journal.record(tx, EventKind.PROVED, at=now, account_id=current.account.id, client=client)
            return self.visits.rotate(tx, current.session.proved(now), now)

    def log_out(self, session: Token, *, client: Client) -> None:
        """End this session; does nothing if it is over already."""
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            try:
                visit = self.visits.locked(tx, session, now)
            except NotLoggedIn:
                return
            tx.sessions.remove(visit.session.id, visit.account.id)
            self.journal.record(tx, EventKind.LOGGED_OUT, at=now, account_id=visit.account.id, client=client)

    def _rehash(self, tx: Transaction, proof: Proof) -> None:
        """Keep the newer hash, unless somebody else has changed the account meanwhile: then theirs wins."""
        current = tx.accounts.get(proof.account.id)
        if current and current.version == proof.account.version and proof.newer_hash:
            tx.accounts.save(current.rehash(proof.newer_hash))
