"""Events: what happened, in the past tense; without addresses, typed text or anything secret."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.values import AccountId, Client

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class EventKind(StrEnum):
    """Everything that is recorded."""

    REGISTERED = "registered"
    INVITED = "invited"
    CONFIRMATION_REQUESTED = "confirmation_requested"
    CONFIRMED = "confirmed"
    REGISTRATION_DISCARDED = "registration_discarded"
    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    PROVED = "proved"
    PROOF_FAILED = "proof_failed"
    LOGGED_OUT = "logged_out"
    PASSWORD_RESET_REQUESTED = "password_reset_requested"
    PASSWORD_RESET = "password_reset"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_REMOVED = "password_removed"
    EMAIL_CHANGE_REQUESTED = "email_change_requested"
    EMAIL_CHANGED = "email_changed"
    EMAIL_RESTORED = "email_restored"
    EMAIL_UNDO_ENDED = "email_undo_ended"
    SESSION_ENDED = "session_ended"
    SESSIONS_ENDED = "sessions_ended"
    EXPORTED = "exported"
    CLOSED = "closed"
    REOPENED = "reopened"
    DISABLED = "disabled"
    ENABLED = "enabled"
    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    PURGED = "purged"


OWNER = "owner"  # the actor of everything that nobody but the account's owner, or a stranger in its name, can do


@attrs.frozen(kw_only=True)
class Event:
    """
    One thing that happened, written in the same transaction as the change.

    ``position`` is given by the repository and orders the log; ``actor`` is ``owner`` or the name of an operator;
    ``outcome`` is ``success``, ``refused`` or a word that the kind explains (the role that was granted).
    ``identifier_digest`` is a keyed digest of what was typed, to count guesses that met no account.
    """

    id: UUID
    kind: EventKind
    at: datetime
    account_id: AccountId | None
    actor: str = OWNER
    network: str | None = None
    user_agent: str | None = None
    outcome: str = "success"
    identifier_digest: str | None = None
    position: int = 0


def happened(  # noqa: PLR0913 - one keyword for each thing an event remembers
    kind: EventKind,
    *,
    id: UUID,  # noqa: A002 - the attribute's name
    at: datetime,
    account_id: AccountId | None,
    client: Client | None = None,
    actor: str = OWNER,
    outcome: str = "success",
    identifier_digest: str | None = None,
) -> Event:
    """Return the event, with what is known of the client but not its device."""
    client = client or Client()
    return Event(
        id=id,
        kind=kind,
        at=at,
        account_id=account_id,
        actor=actor,
        network=client.network,
        user_agent=client.user_agent,
        outcome=outcome,
        identifier_digest=identifier_digest,
    )
