"""Repositories over dictionaries, for as long as one transaction lasts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import AddressTaken, NotLoggedIn, StaleAccount, UsernameTaken
from offbrand.domain.letters import Letter, LetterState
from offbrand.domain.values import FARTHEST_AHEAD, EmailAddress

if TYPE_CHECKING:
    from uuid import UUID

    from offbrand.domain.account import Account
    from offbrand.domain.events import Event
    from offbrand.domain.session import Session
    from offbrand.domain.values import AccountId, SessionId, Username


@attrs.define(kw_only=True)
class Tables:
    accounts: dict[AccountId, Account] = attrs.Factory(dict)
    sessions: dict[SessionId, Session] = attrs.Factory(dict)
    devices: dict[tuple[AccountId, str], datetime] = attrs.Factory(dict)
    events: list[Event] = attrs.Factory(list)
    letters: dict[UUID, Letter] = attrs.Factory(dict)


@attrs.frozen
class FileAccounts:
    _tables: Tables

    def get(self, account_id: AccountId) -> Account | None:
        return self._tables.accounts.get(account_id)

    def claimed_by(self, name: EmailAddress | Username) -> Account | None:
        confirmed = (account for account in self._tables.accounts.values() if not account.is_pending)
        if isinstance(name, EmailAddress):
            return next((account for account in confirmed if account.email == name), None)
        return next((account for account in confirmed if account.username == name), None)

    def newest_pending(self, email: EmailAddress) -> Account | None:
        pending = (each for each in self._tables.accounts.values() if each.is_pending and each.email == email)
        return max(pending, key=lambda account: (account.registered_at, account.id), default=None)

    def add(self, account: Account) -> None:
        for name, refusal in ((account.email, AddressTaken), (account.username, UsernameTaken)):
            holder = None if account.is_pending else self.claimed_by(name)
            if holder is not None and holder.id != account.id:
                raise refusal
        self._tables.accounts[account.id] = attrs.evolve(account, permissions=frozenset())

    def save(self, account: Account) -> None:
        seen_at = self._unchanged(account).last_seen_at
        self.add(attrs.evolve(account, version=account.version + 1, last_seen_at=seen_at))

    def remove(self, account: Account) -> None:
        del self._tables.accounts[self._unchanged(account).id]

    def _unchanged(self, account: Account) -> Account:
        stored = self.get(account.id)
        if stored is None or stored.version != account.version:
            raise StaleAccount
        return stored


@attrs.frozen
class FileSessions:
    _tables: Tables

    def find(self, digest: str) -> tuple[Session, Account] | None:
        found = next((each for each in self._tables.sessions.values() if each.token_digest == digest), None)
        return (found, self._tables.accounts[found.account_id]) if found else None

    def of(self, account_id: AccountId) -> list[Session]:
        own = [session for session in self._tables.sessions.values() if session.account_id == account_id]
        return sorted(own, key=lambda session: (session.seen_at, session.id), reverse=True)

    def add(self, session: Session, at_most: int) -> None:
        account = self._tables.accounts.get(session.account_id)
        if account is None or not account.is_active or account.generation != session.generation:
            raise StaleAccount
        self._keep(session)
        believed = session.began_at + FARTHEST_AHEAD
        others = [each for each in self.of(account.id) if each.id != session.id]
        youngest = sorted(others, key=lambda each: (each.began_at <= believed, each.began_at, each.id), reverse=True)
        for each in youngest[at_most - 1 :]:
            del self._tables.sessions[each.id]

    def save(self, session: Session, digest: str) -> None:
        if self.find(digest) is None:
            raise NotLoggedIn
        self._keep(session)

    def remove(self, session_id: SessionId, account_id: AccountId) -> bool:
        is_there = any(session.id == session_id for session in self.of(account_id))
        if is_there:
            del self._tables.sessions[session_id]
        return is_there

    def remove_all(self, account_id: AccountId, keep: SessionId | None = None) -> int:
        return sum(self.remove(session.id, account_id) for session in self.of(account_id) if session.id != keep)

    def _keep(self, session: Session) -> None:
        self._tables.sessions[session.id] = session
        account = self._tables.accounts[session.account_id]
        self._tables.accounts[account.id] = attrs.evolve(account, last_seen_at=session.seen_at)


@attrs.frozen
class FileDevices:
    _tables: Tables

    def knows(self, account_id: AccountId, digest: str) -> bool:
        return (account_id, digest) in self._tables.devices

    def of(self, account_id: AccountId) -> list[str]:
        return [digest for owner, digest in self._tables.devices if owner == account_id]

    def add(self, account_id: AccountId, digest: str, at: datetime, at_most: int) -> None:
        self._tables.devices[account_id, digest] = at
        others = [
            (seen_at <= at + FARTHEST_AHEAD, seen_at, key)
            for key, seen_at in self._tables.devices.items()
            if key[0] == account_id and key[1] != digest
        ]
        for _, _, key in sorted(others, reverse=True)[at_most - 1 :]:
            del self._tables.devices[key]

    def remove_all(self, account_id: AccountId) -> None:
        for key in [key for key in self._tables.devices if key[0] == account_id]:
            del self._tables.devices[key]


@attrs.frozen
class FileEvents:
    _tables: Tables

    def add(self, event: Event) -> None:
        self._tables.events.append(attrs.evolve(event, position=len(self._tables.events) + 1))

    def of(self, account_id: AccountId, limit: int) -> list[Event]:
        return [event for event in reversed(self._tables.events) if event.account_id == account_id][:limit]

    def after(self, position: int, limit: int) -> list[Event]:
        return self._tables.events[position : position + limit]

    def newest(self, limit: int) -> list[Event]:
        return self._tables.events[::-1][:limit]


@attrs.frozen
class FileLetters:
    _tables: Tables

    def add(self, letter: Letter) -> None:
        self._tables.letters[letter.id] = letter

    def lease(self, limit: int, at: datetime, until: datetime) -> list[Letter]:
        waiting = [letter for letter in self._tables.letters.values() if letter.state is LetterState.WAITING]
        due = [letter for letter in waiting if _is_over(letter.due_at, at) and _is_over(letter.leased_until or at, at)]
        first = sorted(due, key=lambda letter: (letter.due_at, letter.id))[:limit]
        leased = [attrs.evolve(letter, leased_until=until) for letter in first]
        self._tables.letters.update((letter.id, letter) for letter in leased)
        return leased

    def settle(self, letter: Letter) -> None:
        stored = self._tables.letters.get(letter.id)
        if stored and stored.state is LetterState.WAITING and stored.leased_until == letter.leased_until:
            self.add(attrs.evolve(letter, leased_until=None))

    def counts(self) -> dict[LetterState, int]:
        states = [letter.state for letter in self._tables.letters.values()]
        return {state: states.count(state) for state in LetterState}

    def troubled(self, limit: int) -> list[Letter]:
        tried = [letter for letter in self._tables.letters.values() if letter.attempts]
        dead, waiting = (
            sorted((each for each in tried if each.state is state), key=lambda each: (each.due_at, each.id))
            for state in (LetterState.DEAD, LetterState.WAITING)
        )
        return [*reversed(dead), *reversed(waiting)][:limit]

    def requeue(self, at: datetime, letter_id: UUID | None = None) -> int:
        dead = [letter for letter in self._tables.letters.values() if letter.state is LetterState.DEAD]
        dead = [letter for letter in dead if letter_id is None or letter.id == letter_id]
        for letter in dead:
            self.add(attrs.evolve(letter, state=LetterState.WAITING, attempts=0, due_at=at, leased_until=None))
        return len(dead)


@attrs.frozen
class FileDirectory:
    _tables: Tables

    def page(self, after: AccountId | None, limit: int) -> list[Account]:
        ids = sorted(each for each in self._tables.accounts if after is None or each > after)
        return [self._tables.accounts[each] for each in ids[:limit]]

    def due(self, at: datetime, limit: int) -> list[AccountId]:
        return [each.id for each in self._tables.accounts.values() if each.purge_at and each.purge_at <= at][:limit]

    def erase(self, account_id: AccountId, at: datetime) -> bool:
        tables = self._tables
        if account_id not in self.due(at, len(tables.accounts)):
            return False
        FileSessions(tables).remove_all(account_id)
        FileDevices(tables).remove_all(account_id)
        tables.letters = {key: letter for key, letter in tables.letters.items() if letter.account_id != account_id}
        tables.events = [_bare(event) if event.account_id == account_id else event for event in tables.events]
        del tables.accounts[account_id]
        return True

    def sweep(self, at: datetime, before: datetime, limit: int) -> int:
        tables = self._tables
        over = [each for each in tables.sessions.values() if min(each.expires_at, each.seen_at + each.idle) <= at]
        for session in over[:limit]:
            del tables.sessions[session.id]
        settled = [each for each in tables.letters.values() if each.state is not LetterState.WAITING]
        settled = [letter for letter in settled if letter.due_at < before]
        for letter in settled[:limit]:
            del tables.letters[letter.id]
        old = [event for event in tables.events if event.at < before and event != _bare(event)]
        for event in old[:limit]:
            tables.events[event.position - 1] = _bare(event)
        return sum(len(rows[:limit]) for rows in (over, settled, old))

    def clock(self) -> datetime:
        return datetime.now(UTC)


def _bare(event: Event) -> Event:
    return attrs.evolve(event, network=None, user_agent=None, identifier_digest=None)


def _is_over(moment: datetime, at: datetime) -> bool:
    return moment <= at or moment > at + FARTHEST_AHEAD
