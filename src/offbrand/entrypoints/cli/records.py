"""Records: what commands show of accounts, sessions, events, letters; the names are stable, programs rely on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.domain.letters import LetterState

if TYPE_CHECKING:
    from offbrand.domain.account import Account
    from offbrand.domain.events import Event
    from offbrand.domain.letters import Letter
    from offbrand.domain.session import Session
    from offbrand.domain.visits import Visit
    from offbrand.entrypoints.cli.printing import Record


def account(account: Account) -> Record:
    """Return an account as operators see it."""
    return {
        "id": account.id,
        "username": account.username,
        "email": account.email,
        "state": account.state,
        "roles": account.roles,
        "permissions": account.permissions,
        "has_password": account.password_hash is not None,
        "former_email": account.undo_email,
        "former_email_may_undo_until": account.undo_until,
        "registered_at": account.registered_at,
        "confirmed_at": account.confirmed_at,
        "disabled_at": account.disabled_at,
        "closed_at": account.closed_at,
        "last_seen_at": account.last_seen_at,
        "purge_at": account.purge_at,
    }


def own_account(visit: Visit) -> Record:
    """Return an account as its owner sees it."""
    return {
        "id": visit.account.id,
        "username": visit.account.username,
        "email": visit.account.email,
        "roles": visit.account.roles,
        "permissions": visit.account.permissions,
        "registered_at": visit.account.registered_at,
        "session_id": visit.session.id,
        "session_expires_at": visit.session.expires_at,
        "fresh_proof": visit.is_proved,
    }


def session(session: Session, *, current: bool) -> Record:
    """Return a session; *current* is the one that asks."""
    return {
        "id": session.id,
        "current": current,
        "began_at": session.began_at,
        "seen_at": session.seen_at,
        "expires_at": session.expires_at,
        "remembered": session.remembered,
        "network": session.network,
        "user_agent": session.user_agent,
    }


def own_event(event: Event) -> Record:
    """Return an event as the account's owner sees it."""
    return {
        "at": event.at,
        "kind": event.kind,
        "outcome": event.outcome,
        "actor": event.actor,
        "network": event.network,
        "user_agent": event.user_agent,
    }


def event(event: Event) -> Record:
    """Return an event as operators see it."""
    return {
        "position": event.position,
        "id": event.id,
        "account_id": event.account_id,
        **own_event(event),
        "identifier_digest": event.identifier_digest,
    }


def letter(letter: Letter) -> Record:
    """Return a letter as operators see it: how it fares, and not to whom it goes or what it says."""
    return {
        "id": letter.id,
        "kind": letter.kind,
        "state": letter.state,
        "attempts": letter.attempts,
        "written_at": letter.written_at,
        "due_at": letter.due_at if letter.state is LetterState.WAITING else None,
        "last_error": letter.last_error,
    }
