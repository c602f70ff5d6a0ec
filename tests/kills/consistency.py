"""
Consistency: what must hold in a database, and in the mailboxes, once everything that was killed has come to rest.

It reads rows, and judges them by rules of its own: laws L1, L2, L3 and L5 once more, in other words than the code's.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs
from sqlalchemy import select

from offbrand.adapters.sql.tables import accounts, devices, events, letters, sessions
from offbrand.domain.events import EventKind
from offbrand.domain.letters import CAUSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any
    from uuid import UUID

    from sqlalchemy import Connection, Row, Table

    from tests.kills.post import Copy

_BEGINNING = ("confirmed", "logged_in")
_ENDING = ("logged_out", "session_ended")
# What raises the generation, and so voids links and sessions.
_RAISING = (
    *("confirmed", "password_reset", "password_changed", "password_removed", "email_changed", "email_restored"),
    *("disabled", "enabled", "closed", "reopened"),
)
_SETTLED = ("sent", "void", "expired", "dead")
_AT_MOST = 20  # sessions of an account; the oldest ends


@attrs.frozen(kw_only=True)
class Found:
    """Everything that was read; ``excused`` counts copies whose worker was killed before it could mark its letter."""

    accounts: Mapping[UUID, Row[Any]]
    sessions: Sequence[Row[Any]]
    devices: Sequence[Row[Any]]
    events: Sequence[Row[Any]]
    letters: Mapping[UUID, Row[Any]]
    copies: Sequence[Copy]
    excused: Mapping[UUID, int]

    def events_of(self, *kinds: str) -> Counter[UUID]:
        """Count events of these kinds by account."""
        return Counter(event.account_id for event in self.events if event.kind in kinds)


def inconsistencies(connection: Connection, copies: Sequence[Copy], excused: Mapping[UUID, int]) -> list[str]:
    """Return what is wrong, a sentence each; nothing where all is well."""

    def rows(table: Table) -> Sequence[Row[Any]]:
        return connection.execute(select(table)).all()

    found = Found(
        accounts={row.id: row for row in rows(accounts)},
        sessions=rows(sessions),
        devices=rows(devices),
        events=rows(events),
        letters={row.id: row for row in rows(letters)},
        copies=copies,
        excused=excused,
    )
    return [*_of_claims(found), *_of_events(found), *_of_sessions(found), *_of_letters(found), *_of_copies(found)]


def _of_claims(found: Found) -> Iterator[str]:
    """L1: claimed if and only if confirmed, and by one account."""
    for account in found.accounts.values():
        keys = (account.claimed_email, account.claimed_username)
        if account.confirmed_at is None and keys != (None, None):
            yield f"account {account.id} claims and is not confirmed"
        if account.confirmed_at is not None and keys != (account.email.lower(), account.username.lower()):
            yield f"account {account.id} is confirmed and does not claim"
        if (account.purge_at is None) != (account.confirmed_at is not None and account.closed_at is None):
            yield f"account {account.id} is to be purged at the wrong time"
    confirmed = [account for account in found.accounts.values() if account.confirmed_at is not None]
    for name in ("email", "username"):
        holders = Counter(getattr(account, name).lower() for account in confirmed)
        yield from (f"{count} accounts claim {key}" for key, count in holders.items() if count > 1)


def _of_events(found: Found) -> Iterator[str]:
    """L5 and L2: no event without its change, no change without its event, no link used for nothing."""
    registered = found.events_of("registered", "invited")
    gone = found.events_of("registration_discarded", "purged")
    confirmed = found.events_of("confirmed")
    raised = found.events_of(*_RAISING)
    for account in found.accounts.values():
        if registered[account.id] != 1:
            yield f"account {account.id} was registered {registered[account.id]} times"
        if confirmed[account.id] != (account.confirmed_at is not None):
            yield f"account {account.id} was confirmed {confirmed[account.id]} times, says the log"
        if account.generation != 1 + raised[account.id]:
            yield f"account {account.id} has generation {account.generation} after {raised[account.id]} changes"
    for account_id in {event.account_id for event in found.events} - {None} - set(found.accounts):
        if not gone[account_id]:
            yield f"account {account_id} is in the log and nowhere else"


def _of_sessions(found: Found) -> Iterator[str]:
    """L3: each session was begun by a login or a confirmation, and outlives no change that voids it."""
    begun = Counter((event.account_id, event.at) for event in found.events if event.kind in _BEGINNING)
    for session in found.sessions:
        account = found.accounts.get(session.account_id)
        if account is None or account.confirmed_at is None or account.disabled_at or account.closed_at:
            yield f"session {session.id} is of no active account"
        elif session.generation != account.generation:
            yield f"session {session.id} has outlived a change"
        if not begun[session.account_id, session.began_at]:
            yield f"session {session.id} was begun by nothing"
    last_raised: dict[UUID, int] = {
        event.account_id: event.position for event in _in_order(found) if event.kind in _RAISING
    }
    current = [event for event in found.events if event.position >= last_raised.get(event.account_id, 0)]
    expected = Counter(event.account_id for event in current if event.kind in _BEGINNING)
    expected.subtract(event.account_id for event in current if event.kind in _ENDING)
    held = Counter(session.account_id for session in found.sessions)
    known = {device.account_id for device in found.devices}
    for account_id in found.accounts:
        if held[account_id] != min(expected[account_id], _AT_MOST):
            yield f"account {account_id} has {held[account_id]} sessions, the log says {expected[account_id]}"
        if expected[account_id] > 0 and account_id not in known:
            yield f"account {account_id} knows no device that it was entered from"
    entered = found.events_of("confirmed")
    yield from (f"a device is known to {owner}, which was never entered" for owner in known if not entered[owner])


def _in_order(found: Found) -> Sequence[Row[Any]]:
    return sorted(found.events, key=lambda event: int(event.position))


def _of_letters(found: Found) -> Iterator[str]:
    """L5: each letter has its event and each event its letter; all are settled, and for a reason."""
    kinds = {event.id: EventKind(event.kind) for event in found.events}
    caused = Counter(letter.event_id for letter in found.letters.values())
    for event_id, kind in kinds.items():
        if caused[event_id] > 1 or (CAUSES[kind] and kind is not EventKind.LOGGED_IN and not caused[event_id]):
            yield f"event {event_id}, {kind}, has caused {caused[event_id]} letters"
    arrived = {copy.id for copy in found.copies}
    for letter in found.letters.values():
        if letter.event_id not in kinds or letter.kind not in CAUSES[kinds[letter.event_id]]:
            yield f"letter {letter.id}, {letter.kind}, was caused by nothing"
        if letter.state not in _SETTLED or letter.leased_until is not None:
            yield f"letter {letter.id} is still {letter.state}"
        if letter.state == "sent" and letter.id not in arrived:
            yield f"letter {letter.id} was sent and has not arrived"
        if letter.state == "void" and not _may_be_void(found, letter):
            yield f"letter {letter.id} was kept back for nothing"
        if letter.state in _SETTLED[:3] and letter.recipient is not None:
            yield f"letter {letter.id} is settled and still knows to whom"


def _may_be_void(found: Found, letter: Row[Any]) -> bool:
    """Return whether the letter was to nobody, or its link has died."""
    account = found.accounts.get(letter.account_id)
    return account is None or (letter.generation is not None and letter.generation < account.generation)


def _of_copies(found: Found) -> Iterator[str]:
    """L5: nothing arrives that was not committed, nothing twice without a reason, and then as the same letter."""
    copies: dict[UUID, list[Copy]] = {}
    for copy in found.copies:
        copies.setdefault(copy.id, []).append(copy)
    for letter_id, alike in copies.items():
        letter = found.letters.get(letter_id)
        if letter is None:
            yield f"letter {letter_id} has arrived and was never written"
            continue
        if len(alike) - found.excused.get(letter_id, 0) > (letter.state == "sent"):
            yield f"letter {letter_id}, {letter.state}, has arrived {len(alike)} times"
        if len({(copy.recipient, copy.link) for copy in alike}) > 1:
            yield f"letter {letter_id} is not the same in all its copies"
        account = found.accounts.get(letter.account_id)
        if account is not None and alike[0].recipient != account.email:
            yield f"letter {letter_id} has gone to somebody else"
