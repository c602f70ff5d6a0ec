"""Sessions in SQL; whoever writes one writes its account's row first, so that no two wait for each other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import Connection, delete, exists, insert, select, update

from offbrand.adapters.sql.accounts import to_account
from offbrand.adapters.sql.statements import beyond
from offbrand.adapters.sql.tables import accounts, sessions
from offbrand.domain.errors import NotLoggedIn, StaleAccount
from offbrand.domain.session import Session
from offbrand.domain.values import FARTHEST_AHEAD, AccountId, SessionId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, RowMapping

    from offbrand.domain.account import Account


@attrs.frozen
class SqlSessions:
    """`Sessions` over a table."""

    _connection: Connection

    def find(self, digest: str) -> tuple[Session, Account] | None:
        """Look up by digest, joined with the account."""
        query = (
            select(sessions, accounts)
            .join(accounts, accounts.c.id == sessions.c.account_id)
            .where(sessions.c.token_digest == digest)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        return (_to_session(row), to_account(row)) if row else None

    def of(self, account_id: AccountId) -> Sequence[Session]:
        """Return the account's sessions, last seen first."""
        last_seen_first = (sessions.c.seen_at.desc(), sessions.c.id.desc())
        query = select(sessions).where(sessions.c.account_id == account_id).order_by(*last_seen_first)
        return [_to_session(row) for row in self._connection.execute(query).mappings()]

    def add(self, session: Session, at_most: int) -> None:
        """Insert a row if the account is active and unchanged; one statement checks that and locks the account."""
        is_unchanged = (
            accounts.c.generation == session.generation,
            accounts.c.confirmed_at.is_not(None),
            accounts.c.disabled_at.is_(None),
            accounts.c.closed_at.is_(None),
        )
        if not self._see(session, *is_unchanged):
            raise StaleAccount
        self._connection.execute(insert(sessions).values(_to_row(session)))
        owned = sessions.c.account_id == session.account_id
        newest_first = (
            (sessions.c.id == session.id).desc(),
            (sessions.c.began_at <= session.began_at + FARTHEST_AHEAD).desc(),
            sessions.c.began_at.desc(),
            sessions.c.id.desc(),
        )
        oldest = beyond(at_most, sessions.c.id, owned, *newest_first)
        # MariaDB would look through the sessions of all accounts, and wait for each that somebody is writing.
        self._connection.execute(delete(sessions).where(owned, sessions.c.id.in_(oldest)))

    def save(self, session: Session, digest: str) -> None:
        """Update the row under *digest*."""
        is_stored = sessions.c.token_digest == digest
        # The second statement finds none where the session ended while the first one waited for the account.
        if not (
            self._see(session, exists().where(is_stored))
            and self._connection.execute(update(sessions).where(is_stored).values(_to_row(session))).rowcount
        ):
            raise NotLoggedIn

    def remove(self, session_id: SessionId, account_id: AccountId) -> bool:
        """Delete one row of the account."""
        is_it = (sessions.c.id == session_id, sessions.c.account_id == account_id)
        return bool(self._connection.execute(delete(sessions).where(*is_it)).rowcount)

    def remove_all(self, account_id: AccountId, keep: SessionId | None = None) -> int:
        """Delete all rows of the account but *keep*."""
        statement = delete(sessions).where(sessions.c.account_id == account_id)
        return self._connection.execute(statement if keep is None else statement.where(sessions.c.id != keep)).rowcount

    def _see(self, session: Session, *conditions: ColumnElement[bool]) -> bool:
        is_it = accounts.c.id == session.account_id
        seen = update(accounts).where(is_it, *conditions).values(last_seen_at=session.seen_at)
        return bool(self._connection.execute(seen).rowcount)


def _to_row(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "token_digest": session.token_digest,
        "account_id": session.account_id,
        "generation": session.generation,
        "began_at": session.began_at,
        "seen_at": session.seen_at,
        "proved_at": session.proved_at,
        "idle_seconds": session.idle // timedelta(seconds=1),
        "expires_at": session.expires_at,
        "over_at": min(session.expires_at, session.seen_at + session.idle),
        "network": session.network,
        "user_agent": session.user_agent,
        "remembered": session.remembered,
    }


def _to_session(row: RowMapping) -> Session:
    column = sessions.c
    return Session(
        id=SessionId(row[column.id]),
        token_digest=row[column.token_digest],
        account_id=AccountId(row[column.account_id]),
        generation=row[column.generation],
        began_at=row[column.began_at],
        seen_at=row[column.seen_at],
        proved_at=row[column.proved_at],
        idle=timedelta(seconds=row[column.idle_seconds]),
        expires_at=row[column.expires_at],
        network=row[column.network],
        user_agent=row[column.user_agent],
        remembered=row[column.remembered],
    )
