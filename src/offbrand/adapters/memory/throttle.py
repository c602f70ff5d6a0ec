"""Throttle in memory: counts of one process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from offbrand.domain.values import FARTHEST_AHEAD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from offbrand.adapters.memory.store import MemoryUnitOfWork
    from offbrand.domain.policy import Allowance


class MemoryThrottle:
    """A `Throttle` over a dictionary; refuses to work while a transaction of *unit_of_work* is open (law L6)."""

    def __init__(self, unit_of_work: MemoryUnitOfWork | None = None) -> None:
        self._unit_of_work = unit_of_work
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, datetime | None]] = {}

    def count(self, allowances: Sequence[Allowance], at: datetime) -> tuple[str, timedelta | None] | None:
        """Count under each allowance in turn, up to the first that is spent."""
        self._assert_idle()
        with self._lock:
            for allowance in allowances:
                count, until = self._counts.get(allowance.key, (0, None))
                if count == 0 or (until is not None and at >= until):
                    count, until = 0, at + allowance.window if allowance.window else None
                self._counts[allowance.key] = (min(count + 1, allowance.limit + 1), until)
                if count >= allowance.limit:
                    return allowance.key, until - at if until else None
        return None

    def forget(self, key: str) -> None:
        """Start the count of *key* afresh."""
        self._assert_idle()
        with self._lock:
            self._counts.pop(key, None)

    def sweep(self, at: datetime) -> int:
        """Drop counts whose window is over, or ends too late to be true."""
        with self._lock:
            ends = {key: until for key, (_, until) in self._counts.items() if until is not None}
            over = [key for key, until in ends.items() if until <= at or until > at + FARTHEST_AHEAD]
            for key in over:
                del self._counts[key]
        return len(over)

    def _assert_idle(self) -> None:
        if self._unit_of_work is not None:
            self._unit_of_work.assert_idle()
