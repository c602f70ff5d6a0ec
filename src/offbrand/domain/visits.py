"""Visits: who is behind a session's token, and how sessions begin; shared by the flows that need a session."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import attrs

from offbrand.domain.errors import NotLoggedIn, ProofNeeded
from offbrand.domain.values import AccountId, SessionId, Token

if TYPE_CHECKING:
    from datetime import datetime

    from offbrand.domain.account import Account
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import Clock, Tokens, Transaction, UnitOfWork
    from offbrand.domain.session import Session
    from offbrand.domain.values import Client

_NOBODY = AccountId(UUID(int=0))


@attrs.frozen(kw_only=True)
class Visit:
    """A valid session and its account, as they stood when they were read; ``is_proved`` was true at that moment."""

    session: Session
    account: Account
    is_proved: bool


@attrs.frozen(kw_only=True)
class Opened:
    """
    What a door keeps for the visitor: the session's token, and the device's where it became a known one.

    ``remembered`` asks the door to keep the session beyond the end of the browser, until ``expires_at``.
    """

    session: Token
    device: Token | None
    expires_at: datetime
    remembered: bool


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Visits:
    """Reads, begins and rotates sessions."""

    unit_of_work: UnitOfWork
    tokens: Tokens
    clock: Clock
    policy: Policy

    def current(self, session: Token) -> Visit:
        """
        Return who is visiting: one query, and at most once a minute one write that remembers the visit.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
        """
        now = self.clock.now()
        with self.unit_of_work.reading() as tx:
            visit = self.within(tx, session, now)
        # Before the session would count as idle, however short a deployment has made that.
        if now - visit.session.seen_at >= min(self.policy.seen_every, visit.session.idle / 2):
            with self.unit_of_work.writing() as tx:
                tx.sessions.save(visit.session.seen(now), visit.session.token_digest)
        return visit

    def within(self, tx: Transaction, session: Token, at: datetime) -> Visit:
        """
        Return who is visiting, read in a transaction that goes on.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
        """
        found = tx.sessions.find(session.digest())
        if found is None or not found[0].is_valid(found[1], at):
            raise NotLoggedIn
        row, account = found
        proved = row.is_proved(at, self.policy.proof_lasts)
        return Visit(session=row, account=account.empowered(self.policy.roles), is_proved=proved)

    def locked(self, tx: Transaction, session: Token, at: datetime) -> Visit:
        """
        Return who is visiting, with the account locked, so that nobody ends the session before the transaction does.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
        """
        tx.accounts.get(self.within(tx, session, at).account.id)
        return self.within(tx, session, at)

    def proved(self, tx: Transaction, session: Token, at: datetime) -> Visit:
        """
        Return who is visiting with fresh proof, with the account locked.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
            ProofNeeded: If the password was not typed recently enough.
        """
        visit = self.locked(tx, session, at)
        if not visit.is_proved:
            raise ProofNeeded
        return visit

    def begin(self, tx: Transaction, account: Account, client: Client, at: datetime, *, remember: bool) -> Opened:
        """
        Begin a session of *account* and make the client's device known to it; see `know_device`.

        Raises:
            StaleAccount: If the account has changed since it was read.
        """
        token = self.tokens.opaque()
        session = self.policy.terms(remember=remember).begin(
            id=SessionId(self.tokens.new_id()),
            digest=token.digest(),
            account=account,
            client=client,
            at=at,
            remembered=remember,
        )
        tx.sessions.add(session, self.policy.sessions_at_most)
        device = self.know_device(tx, account, client, at)
        return Opened(session=token, device=device, expires_at=session.expires_at, remembered=remember)

    def rotate(self, tx: Transaction, session: Session, at: datetime) -> Opened:
        """
        Store *session* under a new token, which takes the place of the one that it was read by.

        Raises:
            NotLoggedIn: If the session was ended meanwhile.
        """
        token = self.tokens.opaque()
        tx.sessions.save(session.renewed(token.digest(), at), session.token_digest)
        return Opened(session=token, device=None, expires_at=session.expires_at, remembered=session.remembered)

    def know_device(self, tx: Transaction, account: Account, client: Client, at: datetime) -> Token:
        """
        Make the client's device known to the account; return its token, a new one for a client without.

        A device that the account does not know is left out by `Client.as_stranger`: were its token adopted, whoever
        planted it in the browser would share a known device with the owner.
        """
        device = client.device or self.tokens.opaque()
        tx.devices.add(account.id, _device_digest(device, account.id), at, self.policy.devices_at_most)
        return device

    def forget_other_devices(self, tx: Transaction, account: Account, device: str | None, at: datetime) -> None:
        """Leave no device known to the account but the one with this digest."""
        tx.devices.remove_all(account.id)
        if device is not None:
            tx.devices.add(account.id, device, at, self.policy.devices_at_most)

    def known_device(self, tx: Transaction, account: Account | None, client: Client) -> str | None:
        """Return the digest of the client's device if the account knows it."""
        if client.device is None:
            return None
        # Asked for nobody, too, so that the number of queries tells nothing.
        account_id = account.id if account else _NOBODY
        digest = _device_digest(client.device, account_id)
        return digest if tx.devices.knows(account_id, digest) else None


def _device_digest(device: Token, account_id: AccountId) -> str:
    """Return the form in which an account knows a device; no two accounts know one device by the same digest."""
    return device.digest(str(account_id))
