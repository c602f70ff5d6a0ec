"""Events in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import Connection, insert, select

from offbrand.adapters.sql.tables import events
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
        self._connection.execute(insert(events).values(_to_row(event)))

    def of(self, account_id: AccountId, limit: int) -> Sequence[Event]:
        """Return the account's last events, newest first."""
        owned = select(events).where(events.c.account_id == account_id)
        return self._all(owned.order_by(events.c.position.desc()).limit(limit))

    def after(self, position: int, limit: int) -> Sequence[Event]:
        """Return the events after *position*, oldest first."""
        later = select(events).where(events.c.position > position)
        return self._all(later.order_by(events.c.position).limit(limit))

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
