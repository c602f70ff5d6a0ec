"""The throttle in SQL: it counts as the one in memory does, and no two processes get one guess twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.domain.errors import Unavailable
from offbrand.domain.policy import Allowance
from tests.integration.sql.examples import HOUR, NOON
from tests.throttle_steps import STEPS, counts_as_in_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine


@given(steps=st.lists(STEPS, max_size=12))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_counts_as_in_memory(engine: Engine, steps: Sequence[tuple[str, object]]) -> None:
    """Whatever is counted, forgotten, swept and waited for; keys are compared exactly on every database."""
    counts_as_in_memory(SqlThrottle(engine), steps)


def test_d11_parallel_guesses_never_exceed_the_limit(engine: Engine) -> None:
    """Law L8: counted before it is checked, atomically; of 40 guesses at once, 10 pass."""
    throttle = SqlThrottle(engine)

    def guess(_: int) -> bool:
        return throttle.count([Allowance("network", 100, HOUR), Allowance("account", 10, HOUR)], NOON) is None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(40))) == 10


def test_a_count_survives_whatever_becomes_of_the_attempt(engine: Engine) -> None:
    """Each count is a transaction of its own; a spent allowance ends it, but takes back none before it."""
    throttle = SqlThrottle(engine)
    network, account = Allowance("network", 2, HOUR), Allowance("account", 0, None)
    assert throttle.count([network, account], NOON) == ("account", None)
    assert throttle.count([network, account], NOON) == ("account", None)
    assert throttle.count([network, account], NOON) == ("network", HOUR)


def test_a_window_that_is_over_begins_anew(engine: Engine) -> None:
    """At its end and not a microsecond before; the first attempt in it counts as one."""
    throttle, allowance = SqlThrottle(engine), Allowance("network", 2, HOUR)
    instant = timedelta(microseconds=1)
    assert [throttle.count([allowance], NOON) for _ in range(3)] == [None, None, ("network", HOUR)]
    assert throttle.count([allowance], NOON + HOUR - instant) == ("network", instant)
    assert [throttle.count([allowance], NOON + HOUR) for _ in range(3)] == [None, None, ("network", HOUR)]


def test_sweeping_goes_through_any_number_of_batches(engine: Engine) -> None:
    throttle = SqlThrottle(engine, batch=3)
    throttle.count([Allowance(f"k{number}", 1, HOUR) for number in range(7)], NOON)
    throttle.count([Allowance("later", 1, 2 * HOUR), Allowance("never", 1, None)], NOON)
    assert throttle.sweep(NOON + HOUR) == 7
    assert throttle.sweep(NOON + 9 * HOUR) == 1


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_throttle_that_cannot_count_lets_nobody_in(engine: Engine, impatient: Engine) -> None:
    """Law L11: failure closes. Here somebody else holds SQLite's lock."""
    with SqlUnitOfWork(engine).writing(), pytest.raises(Unavailable):
        SqlThrottle(impatient).count([Allowance("k", 5, HOUR)], NOON)
