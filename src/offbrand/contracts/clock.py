"""Clock contract: the time, aware and in UTC."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from offbrand.domain.ports import Clock


class ClockContract:
    """Override ``clock``."""

    @pytest.fixture
    def clock(self) -> Clock:
        raise NotImplementedError

    def test_the_time_is_in_utc(self, clock: Clock) -> None:
        """Every time in the system is aware and in UTC, so that no two places mean different moments by it (D58)."""
        now = clock.now()
        assert now.utcoffset() == timedelta(0), f"D58: {now!r} is not in UTC"
        assert now == now.astimezone(UTC)

    def test_time_does_not_run_backwards(self, clock: Clock) -> None:
        """What is read later is not earlier."""
        readings = [clock.now() for _ in range(100)]
        assert readings == sorted(readings)
