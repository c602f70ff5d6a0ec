"""Letters in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import Connection, and_, func, insert, or_, select, update

from offbrand.adapters.sql.tables import letters
from offbrand.domain.letters import Letter, LetterKind, LetterState
from offbrand.domain.values import FARTHEST_AHEAD, AccountId, EmailAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement, RowMapping

_IN_TURN = "offbrand_letters_state_due_at_ix"


@attrs.frozen
class SqlLetters:
    """`Letters` over a table."""

    _connection: Connection
    _after_letter: Callable[[Connection], object] | None = None

    def add(self, letter: Letter) -> None:
        """Insert a row, and tell whoever wants to know of it in the same transaction."""
        self._connection.execute(insert(letters).values(_to_row(letter)))
        if self._after_letter:
            self._after_letter(self._connection)

    def lease(self, limit: int, at: datetime, until: datetime) -> Sequence[Letter]:
        """Lease what is due and free, past the rows that another transaction is leasing at this moment."""
        query = (
            select(letters)
            .where(may_be_leased(at))
            .order_by(letters.c.due_at, letters.c.id)
            .limit(limit)
            # SQLite has no such clause and leaves it out; there nobody else is leasing at this moment.
            .with_for_update(skip_locked=True)
            # Sorting without the index, MariaDB would lock every letter that is due, and not only the first ones.
            .with_hint(letters, f"FORCE INDEX ({_IN_TURN})", "mariadb")
        )
        leased = [
            attrs.evolve(_to_letter(row), leased_until=until) for row in self._connection.execute(query).mappings()
        ]
        if leased:
            is_leased = letters.c.id.in_([letter.id for letter in leased])
            self._connection.execute(update(letters).where(is_leased).values(leased_until=until))
        return leased

    def settle(self, letter: Letter) -> None:
        """Update the row where the letter still waits under that lease."""
        is_waiting = letters.c.state == LetterState.WAITING.value
        is_mine = letters.c.leased_until == letter.leased_until
        ended = _to_row(letter) | {"leased_until": None}
        self._connection.execute(update(letters).where(letters.c.id == letter.id, is_waiting, is_mine).values(ended))

    def counts(self) -> Mapping[LetterState, int]:
        """Count by state."""
        query = select(letters.c.state, func.count()).group_by(letters.c.state)
        counts = {LetterState(state): count for state, count in self._connection.execute(query)}
        return {state: counts.get(state, 0) for state in LetterState}

    def troubled(self, limit: int) -> Sequence[Letter]:
        """Select the dead, then the delayed; each from the end of the index that letters are leased by."""
        query = select(letters).order_by(letters.c.due_at.desc(), letters.c.id.desc())
        found: list[Letter] = []
        for state in (LetterState.DEAD, LetterState.WAITING):
            stuck = query.where(letters.c.state == state.value, letters.c.attempts > 0).limit(limit - len(found))
            found += map(_to_letter, self._connection.execute(stuck).mappings())
        return found

    def requeue(self, at: datetime, letter_id: UUID | None = None) -> int:
        """Make dead letters wait again."""
        afresh = {"state": LetterState.WAITING.value, "attempts": 0, "due_at": at, "leased_until": None}
        dead = update(letters).where(letters.c.state == LetterState.DEAD.value)
        one_or_all = dead if letter_id is None else dead.where(letters.c.id == letter_id)
        return self._connection.execute(one_or_all.values(afresh)).rowcount


def may_be_leased(at: datetime) -> ColumnElement[bool]:
    """Return what holds for a letter that waits, is due and is in nobody's hands."""
    farthest = at + FARTHEST_AHEAD
    is_due = or_(letters.c.due_at <= at, letters.c.due_at > farthest)
    is_free = or_(letters.c.leased_until.is_(None), letters.c.leased_until <= at, letters.c.leased_until > farthest)
    return and_(letters.c.state == LetterState.WAITING.value, is_due, is_free)


def _to_row(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "kind": letter.kind.value,
        "event_id": letter.event_id,
        "account_id": letter.account_id,
        "recipient": letter.recipient.text if letter.recipient else None,
        "written_at": letter.written_at,
        "due_at": letter.due_at,
        "claim_email": letter.claim_email.text if letter.claim_email else None,
        "generation": letter.generation,
        "expires_at": letter.expires_at,
        "network": letter.network,
        "user_agent": letter.user_agent,
        "state": letter.state.value,
        "attempts": letter.attempts,
        "leased_until": letter.leased_until,
        "sent_at": letter.sent_at,
        "last_error": letter.last_error,
    }


def _to_letter(row: RowMapping) -> Letter:
    column = letters.c
    account_id, recipient, claim_email = row[column.account_id], row[column.recipient], row[column.claim_email]
    return Letter(
        id=row[column.id],
        kind=LetterKind(row[column.kind]),
        event_id=row[column.event_id],
        account_id=None if account_id is None else AccountId(account_id),
        recipient=None if recipient is None else EmailAddress(recipient),
        written_at=row[column.written_at],
        due_at=row[column.due_at],
        claim_email=None if claim_email is None else EmailAddress(claim_email),
        generation=row[column.generation],
        expires_at=row[column.expires_at],
        network=row[column.network],
        user_agent=row[column.user_agent],
        state=LetterState(row[column.state]),
        attempts=row[column.attempts],
        leased_until=row[column.leased_until],
        sent_at=row[column.sent_at],
        last_error=row[column.last_error],
    )
