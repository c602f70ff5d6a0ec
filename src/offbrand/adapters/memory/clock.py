"""Clock in memory: stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(2026, 1, 5, 12, tzinfo=UTC)


class MovableClock:
    """A `Clock` that a test sets."""

    def __init__(self, start: datetime = _START) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the time that was set last."""
        return self._now

    def tick(self, **duration: float) -> None:
        """Move on by a duration, spelled as for `datetime.timedelta`; negative ones go back."""
        self._now += timedelta(**duration)
