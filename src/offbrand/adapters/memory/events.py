"""Events in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.adapters.memory.tables import Tables
    from offbrand.domain.events import Event
    from offbrand.domain.values import AccountId


@attrs.frozen
class MemoryEvents:
    """`Events` over a dictionary whose keys are the positions."""

    _tables: Tables

    def add(self, event: Event) -> None:
        """Append at the next position."""
        position = max(self._tables.events, default=0) + 1
        self._tables.events[position] = attrs.evolve(event, position=position)

    def of(self, account_id: AccountId, limit: int) -> Sequence[Event]:
        """Return the account's last events, newest first."""
        own = [event for event in self._tables.events.values() if event.account_id == account_id]
        return own[::-1][:limit]

    def after(self, position: int, limit: int) -> Sequence[Event]:
        """Return the events after *position*, oldest first."""
        return [event for event in self._tables.events.values() if event.position > position][:limit]

    def newest(self, limit: int) -> Sequence[Event]:
        """Return the last events, newest first."""
        return [*self._tables.events.values()][::-1][:limit]
