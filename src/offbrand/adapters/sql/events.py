"""
Events in SQL, in the order of their positions.

Transactions do not end in the order in which they are given positions, so that a reader who goes on after the last
position it saw could miss an earlier one that is committed later. It therefore looks how far it can see, waits for
those who may still hold a position before that, and then reads so far. Who begins to write later gets a later
position, so that nobody waits for a reader. SQLite lets one write at a time and needs nothing of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import Connection, func, insert, literal, select

from offbrand.adapters.sql.tables import events
from offbrand.adapters.sql.writers import announce_writer, await_writers
from offbrand.domain.events import Event, EventKind
from offbrand.domain.values import AccountId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import RowMapping, Select


@attrs.frozen
class SqlEvents:
    """`Events` over a table whose key the database counts."""

    _connection: Connection

    def add(self, event: Event) -> None:
        """Insert a row."""
        row = _to_row(event)
        statement = insert(events).values(row)
        match self._connection.dialect.name:
            case "postgresql":
                announce_writer(self._connection)  # before it is given a position
            case "mariadb":
                # As INSERT ... SELECT, it gives out no other position until this one is in its row.
                values = [literal(value, events.c[name].type) for name, value in row.items()]
                statement = insert(events).from_select(list(row), select(*values))
        self._connection.execute(statement)

    def of(self, account_id: AccountId, limit: int) -> Sequence[Event]:
        """Return the account's last events, newest first."""
        owned = select(events).where(events.c.account_id == account_id)
        return self._all(owned.order_by(events.c.position.desc()).limit(limit))

    def after(self, position: int, limit: int) -> Sequence[Event]:
        """Return the events after *position*, oldest first."""
        later = select(events).where(events.c.position > position).order_by(events.c.position).limit(limit)
        dialect = self._connection.dialect.name
        if dialect == "sqlite":
            return self._all(later)
        seen = later.with_only_columns(events.c.position).subquery("seen")
        last = self._connection.execute(select(func.max(seen.c.position))).scalar_one()
        if last is None:
            return []
        if dialect == "mariadb":
            # A row that is not committed yet is locked, and not left out. The row that ends the search is locked as
            # well, and must not be another's.
            earlier = self._all(later.where(events.c.position < last).with_for_update(read=True))
            return [*earlier, *self._all(later.where(events.c.position == last))][:limit]
        await_writers(self._connection)
        return self._all(later.where(events.c.position <= last))

    def newest(self, limit: int) -> Sequence[Event]:
        """Return the last events, newest first; waits for nobody, as nobody goes on from there."""
        return self._all(select(events).order_by(events.c.position.desc()).limit(limit))

    def _all(self, query: Select[Any]) -> Sequence[Event]:
        return [_to_event(row) for row in self._connection.execute(query).mappings()]


def _to_row(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "kind": event.kind.value,
        "at": event.at,
        "account_id": event.account_id,
        "actor": event.actor,
        "network": event.network,
        "user_agent": event.user_agent,
        "outcome": event.outcome,
        "identifier_digest": event.identifier_digest,
    }


def _to_event(row: RowMapping) -> Event:
    column = events.c
    account_id = row[column.account_id]
    return Event(
        id=row[column.id],
        kind=EventKind(row[column.kind]),
        at=row[column.at],
        account_id=None if account_id is None else AccountId(account_id),
        actor=row[column.actor],
        network=row[column.network],
        user_agent=row[column.user_agent],
        outcome=row[column.outcome],
        identifier_digest=row[column.identifier_digest],
        position=row[column.position],
    )
