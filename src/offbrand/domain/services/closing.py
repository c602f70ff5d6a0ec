"""Closing: an owner takes the data and leaves; an operator may let the owner back in until the purge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from offbrand.domain.account import known
from offbrand.domain.claims import Purpose
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind

if TYPE_CHECKING:
    from datetime import datetime

    from offbrand.domain.account import Account
    from offbrand.domain.events import Event
    from offbrand.domain.journal import Journal
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import Clock, UnitOfWork
    from offbrand.domain.session import Session
    from offbrand.domain.values import AccountId, Client, Token
    from offbrand.domain.visits import Visits

_ALL_EVENTS = 2**31 - 1


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Closing:
    """Closes accounts, reopens them, and hands out what is stored about them."""

    unit_of_work: UnitOfWork
    journal: Journal
    visits: Visits
    clock: Clock
    policy: Policy

    def close(self, session: Token, *, client: Client) -> None:
        """
        Close the account at once; its claims stay until it is purged after 14 days.

        Raises:
            NotLoggedIn, ProofNeeded: If there is no valid session with fresh proof.
            UndoPending: While the former address may undo an address change.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            visit = self.visits.proved(tx, session, now)
            account = visit.account.close(now, purge_at=now + self.policy.closed_for)
            tx.accounts.save(account)
            tx.sessions.remove_all(account.id)
            event = self.journal.record(tx, EventKind.CLOSED, at=now, account_id=account.id, client=client)
            self.journal.notify(tx, LetterKind.ACCOUNT_CLOSED, event, account)

    def reopen(self, account_id: AccountId, *, actor: str) -> None:
        """
        Open a closed account again, without its password, and send its owner a reset link.

        Raises:
            UnknownAccount: If there is none with this id.
            WrongState: If it is not closed.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            account = known(tx.accounts.get(account_id)).reopen()
            tx.accounts.save(account)
            event = self.journal.record(tx, EventKind.REOPENED, at=now, account_id=account_id, actor=actor)
            until = self.policy.expiry(Purpose.PASSWORD_RESET, now)
            self.journal.link(tx, LetterKind.PASSWORD_RESET, event, account, to=account.email, expires_at=until)

    def export(self, session: Token, *, client: Client) -> dict[str, Any]:
        """
        Return the account, its sessions and its events as lists, dictionaries, text and None; times in ISO 8601.

        Left out is what says nothing about a person: the password hash, and digests of devices and tokens.

        Raises:
            NotLoggedIn, ProofNeeded: If there is no valid session with fresh proof.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            account = self.visits.proved(tx, session, now).account
            self.journal.record(tx, EventKind.EXPORTED, at=now, account_id=account.id, client=client)
            return {
                "account": _account(account),
                "sessions": [_session(row) for row in tx.sessions.of(account.id)],
                "events": [_event(event) for event in tx.events.of(account.id, _ALL_EVENTS)],
            }


def _account(account: Account) -> dict[str, Any]:
    return {
        "id": str(account.id),
        "avatar_id": str(account.avatar_id),
        "email": str(account.email),
        "username": str(account.username),
        "state": account.state,
        "roles": sorted(account.roles),
        "permissions": sorted(account.permissions),
        "has_password": account.password_hash is not None,
        "former_email": str(account.undo_email) if account.undo_email else None,
        "former_email_may_undo_until": _time(account.undo_until),
        "registered_at": _time(account.registered_at),
        "confirmed_at": _time(account.confirmed_at),
        "last_seen_at": _time(account.last_seen_at),
    }


def _session(session: Session) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "began_at": _time(session.began_at),
        "seen_at": _time(session.seen_at),
        "proved_at": _time(session.proved_at),
        "expires_at": _time(session.expires_at),
        "network": session.network,
        "user_agent": session.user_agent,
        "remembered": session.remembered,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "kind": str(event.kind),
        "at": _time(event.at),
        "actor": event.actor,
        "network": event.network,
        "user_agent": event.user_agent,
        "outcome": event.outcome,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
