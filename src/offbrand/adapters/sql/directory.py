"""Directory in SQL: all accounts, and what is past its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import Connection, delete, or_, select, text, update

from offbrand.adapters.sql.accounts import to_account
from offbrand.adapters.sql.column_types import UtcDateTime
from offbrand.adapters.sql.tables import accounts, devices, events, letters, sessions
from offbrand.domain.letters import LetterState
from offbrand.domain.values import AccountId

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Delete, Update

    from offbrand.domain.account import Account

_NO_CLIENT = {"network": None, "user_agent": None, "identifier_digest": None}
_SETTLED = [state.value for state in LetterState if state is not LetterState.WAITING]
_CLOCKS = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    "postgresql": "clock_timestamp()",
    "mariadb": "utc_timestamp(6)",
}


@attrs.frozen
class SqlDirectory:
    """`Directory` over the tables."""

    _connection: Connection

    def page(self, after: AccountId | None, limit: int) -> Sequence[Account]:
        """Return accounts in the order of their ids."""
        query = select(accounts).order_by(accounts.c.id).limit(limit)
        if after is not None:
            query = query.where(accounts.c.id > after)
        return [to_account(row) for row in self._connection.execute(query).mappings()]

    def due(self, at: datetime, limit: int) -> Sequence[AccountId]:
        """Return accounts whose time to be purged has come."""
        query = select(accounts.c.id).where(accounts.c.purge_at <= at)
        rows = self._connection.execute(query.order_by(accounts.c.purge_at, accounts.c.id).limit(limit))
        return [AccountId(account_id) for account_id in rows.scalars()]

    def erase(self, account_id: AccountId, at: datetime) -> bool:
        """Delete an account that is still due, and everything that leads to it."""
        is_due = (accounts.c.id == account_id, accounts.c.purge_at <= at)
        if self._connection.execute(select(accounts.c.id).where(*is_due).with_for_update()).first() is None:
            return False
        for table in (sessions, devices, letters):
            self._connection.execute(delete(table).where(table.c.account_id == account_id))
        self._connection.execute(update(events).where(events.c.account_id == account_id).values(_NO_CLIENT))
        self._connection.execute(delete(accounts).where(accounts.c.id == account_id))
        return True

    def sweep(self, at: datetime, before: datetime, limit: int) -> int:
        """Delete ended sessions and old settled letters; erase the client data of old events."""
        is_over = sessions.c.over_at <= at
        is_settled = letters.c.state.in_(_SETTLED) & (letters.c.due_at < before)
        is_old = (events.c.at < before) & or_(*(events.c[name].is_not(None) for name in _NO_CLIENT))
        return (
            self._in_batch(delete(sessions), sessions.c.id, is_over, limit)
            + self._in_batch(delete(letters), letters.c.id, is_settled, limit)
            + self._in_batch(update(events).values(_NO_CLIENT), events.c.position, is_old, limit)
        )

    def clock(self) -> datetime:
        """Ask the database."""
        now = text(f"SELECT {_CLOCKS[self._connection.dialect.name]} AS now").columns(now=UtcDateTime)
        return self._connection.execute(now).scalar_one()  # type: ignore[no-any-return] # what the type makes of it

    def _in_batch(
        self, statement: Delete | Update, key: Column[Any], condition: ColumnElement[bool], limit: int
    ) -> int:
        # Two statements, as not every database limits a DELETE. What somebody is writing is left for the next sweep:
        # one that waited with rows in its hands could hold up a login, or end one by a deadlock.
        free = select(key).where(condition).limit(limit).with_for_update(skip_locked=True)
        keys = self._connection.execute(free).scalars().all()
        if not keys:
            return 0
        return self._connection.execute(statement.where(key.in_(keys))).rowcount
