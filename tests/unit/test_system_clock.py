"""The machine's clock: aware, in UTC, and the machine's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from offbrand.adapters.system_clock import SystemClock
from offbrand.contracts.clock import ClockContract


def test_d58_the_time_is_aware_in_utc_and_now() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert before <= now <= datetime.now(UTC)


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()
