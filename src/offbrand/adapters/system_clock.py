"""System clock: the machine's own time."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """A `Clock` that reads the machine's."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return datetime.now(UTC)
