"""Known devices in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from sqlalchemy import Connection, delete, select

from offbrand.adapters.sql.statements import beyond, upsert
from offbrand.adapters.sql.tables import devices
from offbrand.domain.values import FARTHEST_AHEAD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from offbrand.domain.values import AccountId


@attrs.frozen
class SqlDevices:
    """`Devices` over a table."""

    _connection: Connection

    def knows(self, account_id: AccountId, digest: str) -> bool:
        """Look up the pair."""
        query = select(devices.c.seen_at).where(devices.c.account_id == account_id, devices.c.device_digest == digest)
        return self._connection.execute(query).first() is not None

    def of(self, account_id: AccountId) -> Sequence[str]:
        """Select the account's rows."""
        query = select(devices.c.device_digest).where(devices.c.account_id == account_id)
        return self._connection.execute(query).scalars().all()

    def add(self, account_id: AccountId, digest: str, at: datetime, at_most: int) -> None:
        """Insert or refresh the row; delete those not seen for longest beyond *at_most*."""
        row = {"account_id": account_id, "device_digest": digest, "seen_at": at}
        self._connection.execute(upsert(self._connection.dialect.name, devices, row, {"seen_at": at}))
        owned = devices.c.account_id == account_id
        newest_first = (
            (devices.c.device_digest == digest).desc(),
            (devices.c.seen_at <= at + FARTHEST_AHEAD).desc(),
            devices.c.seen_at.desc(),
        )
        stale = beyond(at_most, devices.c.device_digest, owned, *newest_first)
        self._connection.execute(delete(devices).where(owned, devices.c.device_digest.in_(stale)))

    def remove_all(self, account_id: AccountId) -> None:
        """Delete the account's rows."""
        self._connection.execute(delete(devices).where(devices.c.account_id == account_id))
