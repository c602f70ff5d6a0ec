"""Throttle in SQL: counts that every process on the database shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from sqlalchemy import Connection, Engine, case, delete, literal, or_, select

from offbrand.adapters.sql.blocks import writing
from offbrand.adapters.sql.statements import upsert
from offbrand.adapters.sql.tables import throttle
from offbrand.domain.values import FARTHEST_AHEAD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from offbrand.domain.policy import Allowance


@attrs.frozen
class SqlThrottle:
    """A `Throttle` over a table, in short transactions of its own; sweeps at most ``batch`` rows in each."""

    _engine: Engine
    batch: int = 500

    def count(self, allowances: Sequence[Allowance], at: datetime) -> tuple[str, timedelta | None] | None:
        """Count under each allowance in turn, up to the first that is spent."""
        with writing(self._engine) as connection:
            for allowance in allowances:
                attempts, ends_at = _count(connection, allowance, at)
                if attempts > allowance.limit:
                    return allowance.key, ends_at - at if ends_at else None
        return None

    def forget(self, key: str) -> None:
        """Delete the row of *key*."""
        with writing(self._engine) as connection:
            connection.execute(delete(throttle).where(throttle.c.key == key))

    def sweep(self, at: datetime) -> int:
        """Delete rows whose window is over, or will not be for long, in batches, so that nobody waits for long."""
        is_over = or_(throttle.c.ends_at <= at, throttle.c.ends_at > at + FARTHEST_AHEAD)
        swept = 0
        while True:
            with writing(self._engine) as connection:
                # Past the keys that are being counted: those who count are not to meet a sweep that waits.
                free = select(throttle.c.key).where(is_over).limit(self.batch).with_for_update(skip_locked=True)
                keys = connection.execute(free).scalars().all()
                swept += connection.execute(delete(throttle).where(throttle.c.key.in_(keys))).rowcount
            if len(keys) < self.batch:
                return swept


def _count(connection: Connection, allowance: Allowance, at: datetime) -> tuple[int, datetime | None]:
    """Count once, never to more than one beyond the limit, and return the count and the end of its window."""
    # A value even where it is none, so that the statement is the same with a window and without.
    ends_at = literal(at + allowance.window if allowance.window else None, throttle.c.ends_at.type)
    afresh = {"attempts": 1, "ends_at": ends_at}
    is_over = throttle.c.ends_at <= at
    is_spent = throttle.c.attempts >= allowance.limit
    changes = {
        "attempts": case((is_over, 1), (is_spent, allowance.limit + 1), else_=throttle.c.attempts + 1),
        "ends_at": case((is_over, ends_at), else_=throttle.c.ends_at),
    }
    dialect = connection.dialect.name
    statement = upsert(dialect, throttle, {"key": allowance.key, **afresh}, changes)
    counted = (throttle.c.attempts, throttle.c.ends_at)
    if dialect == "mariadb":
        connection.execute(statement)
        row = connection.execute(select(*counted).where(throttle.c.key == allowance.key)).one()
    else:
        row = connection.execute(statement.returning(*counted)).one()
    return row.attempts, row.ends_at
