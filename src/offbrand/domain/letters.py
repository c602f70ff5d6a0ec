"""Letters: what is to be mailed to whom; saved with the change that causes it, signed and sent later."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.claims import Claim, Purpose
from offbrand.domain.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from offbrand.domain.values import AccountId, EmailAddress, Token


class LetterKind(StrEnum):
    """Every letter there is; each has a text and an HTML template of this name."""

    CONFIRMATION = "confirmation"
    ALREADY_REGISTERED = "already_registered"
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGED = "email_changed"
    EMAIL_RESTORED = "email_restored"
    PASSWORD_CHANGED = "password_changed"
    NEW_LOGIN = "new_login"
    ACCOUNT_CLOSED = "account_closed"


PURPOSES: Mapping[LetterKind, Purpose | None] = {
    LetterKind.CONFIRMATION: Purpose.CONFIRMATION,
    LetterKind.ALREADY_REGISTERED: None,
    LetterKind.INVITATION: Purpose.CONFIRMATION,
    LetterKind.PASSWORD_RESET: Purpose.PASSWORD_RESET,
    LetterKind.EMAIL_CHANGE: Purpose.EMAIL_CHANGE,
    LetterKind.EMAIL_CHANGED: Purpose.EMAIL_UNDO,
    LetterKind.EMAIL_RESTORED: Purpose.PASSWORD_RESET,
    LetterKind.PASSWORD_CHANGED: None,
    LetterKind.NEW_LOGIN: None,
    LetterKind.ACCOUNT_CLOSED: None,
}

_NONE: frozenset[LetterKind] = frozenset()
CAUSES: Mapping[EventKind, frozenset[LetterKind]] = dict.fromkeys(EventKind, _NONE) | {
    EventKind.REGISTERED: frozenset({LetterKind.CONFIRMATION, LetterKind.ALREADY_REGISTERED}),
    EventKind.INVITED: frozenset({LetterKind.INVITATION}),
    EventKind.CONFIRMATION_REQUESTED: frozenset({LetterKind.CONFIRMATION, LetterKind.INVITATION}),
    EventKind.LOGGED_IN: frozenset({LetterKind.NEW_LOGIN}),
    EventKind.PASSWORD_RESET_REQUESTED: frozenset(
        {LetterKind.PASSWORD_RESET, LetterKind.CONFIRMATION, LetterKind.INVITATION}
    ),
    EventKind.PASSWORD_RESET: frozenset({LetterKind.PASSWORD_CHANGED}),
    EventKind.PASSWORD_CHANGED: frozenset({LetterKind.PASSWORD_CHANGED}),
    EventKind.PASSWORD_REMOVED: frozenset({LetterKind.PASSWORD_RESET}),
    EventKind.EMAIL_CHANGE_REQUESTED: frozenset({LetterKind.EMAIL_CHANGE, LetterKind.ALREADY_REGISTERED}),
    EventKind.EMAIL_CHANGED: frozenset({LetterKind.EMAIL_CHANGED}),
    EventKind.EMAIL_RESTORED: frozenset({LetterKind.EMAIL_RESTORED}),
    EventKind.CLOSED: frozenset({LetterKind.ACCOUNT_CLOSED}),
    EventKind.REOPENED: frozenset({LetterKind.PASSWORD_RESET}),
}


class LetterState(StrEnum):
    """Where a letter is; every state but ``waiting`` is an end, and a ``dead`` one can be sent on its way again."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    VOID = "void"
    EXPIRED = "expired"


@attrs.frozen(kw_only=True)
class Letter:
    """
    One letter, from the change that caused it until long after it has left.

    ``id`` becomes the Message-ID. ``recipient`` is None for a letter to nobody, which is written where the doors must
    not tell whether somebody would get one. The link's content (``claim_email``, ``generation``, ``expires_at``) is
    fixed when the letter is written; no token is stored, so none can be read from the database. How an attempt ended
    keeps the ``leased_until`` of the lease that it was made under, so that the repository knows what comes too late.
    """

    id: UUID
    kind: LetterKind
    event_id: UUID
    account_id: AccountId | None
    recipient: EmailAddress | None
    written_at: datetime
    due_at: datetime
    claim_email: EmailAddress | None = None
    generation: int | None = None
    expires_at: datetime | None = None
    network: str | None = None
    user_agent: str | None = None
    state: LetterState = LetterState.WAITING
    attempts: int = 0
    leased_until: datetime | None = None
    sent_at: datetime | None = None
    last_error: str | None = None

    @property
    def claim(self) -> Claim | None:
        """What this letter's link says, if it has one."""
        purpose = PURPOSES[self.kind]
        if purpose is None or self.account_id is None or self.claim_email is None:
            return None
        if self.generation is None or self.expires_at is None:
            return None
        return Claim(
            purpose=purpose,
            account_id=self.account_id,
            generation=self.generation,
            expires_at=self.expires_at,
            email=self.claim_email,
        )

    def sent(self, at: datetime) -> Letter:
        """Return the letter as handed over, without what it said."""
        return attrs.evolve(self._settled(LetterState.SENT), sent_at=at)

    def void(self) -> Letter:
        """Return the letter as never to be sent: nobody to send it to, or its link means nothing any more."""
        return self._settled(LetterState.VOID)

    def expired(self) -> Letter:
        """Return the letter as never to be sent, because its link would arrive dead."""
        return self._settled(LetterState.EXPIRED)

    def dead(self, error: str) -> Letter:
        """Return the letter as given up; it keeps its recipient, so that an operator can send it on its way again."""
        return attrs.evolve(self, state=LetterState.DEAD, attempts=self.attempts + 1, last_error=error)

    def delayed(self, at: datetime, error: str) -> Letter:
        """Return the letter as due later: in 4 to 12 s after the first failure, four times that after each more."""
        pause = timedelta(seconds=min(8 * 4**self.attempts, 16 * 3600))
        # The id's random end spreads letters that failed together; a draw would do no better and needs a port.
        jitter = 0.5 + (self.id.int + self.attempts) % 1009 / 1009
        return attrs.evolve(self, attempts=self.attempts + 1, due_at=at + pause * jitter, last_error=error)

    def _settled(self, state: LetterState) -> Letter:
        return attrs.evolve(
            self,
            state=state,
            recipient=None,
            claim_email=None,
            network=None,
            user_agent=None,
            last_error=None,
        )


@attrs.frozen(kw_only=True)
class ReadyLetter:
    """
    A letter as a mailer gets it: everything that its template shows.

    ``token`` is the signed claim of its link, ``account_state`` what the account is when the letter leaves, and
    ``purge_at`` when a closed one is due to be deleted. A letter whose ``recipient`` is None is composed and dropped.
    """

    id: UUID
    kind: LetterKind
    recipient: EmailAddress | None
    username: str | None
    written_at: datetime
    token: Token | None = None
    expires_at: datetime | None = None
    account_state: str | None = None
    purge_at: datetime | None = None
    network: str | None = None
    user_agent: str | None = None
