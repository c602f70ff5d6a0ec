"""Throttle steps: what may happen to counts, for any throttle to count as the one in memory does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from offbrand.adapters.memory import MemoryThrottle
from offbrand.contracts.samples import AT
from offbrand.domain.policy import Allowance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.domain.ports import Throttle

HOUR = timedelta(hours=1)
SPELLINGS = ("a", "A", "a ", "\u00e4")
_KEYS = st.sampled_from(SPELLINGS)
_ALLOWANCES = st.builds(Allowance, _KEYS, st.integers(0, 3), st.sampled_from([None, HOUR, 2 * HOUR]))
STEPS = st.one_of(
    st.tuples(st.just("count"), st.lists(_ALLOWANCES, max_size=3)),
    st.tuples(st.just("forget"), _KEYS),
    st.tuples(st.just("sweep"), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([timedelta(microseconds=1), HOUR, 2 * HOUR])),
)


def counts_as_in_memory(throttle: Throttle, steps: Sequence[tuple[str, object]], *, sweeps: bool = True) -> None:
    """Take the *steps* on both, from no counts at all; one that forgets by itself *sweeps* nothing."""
    memory, now = MemoryThrottle(), AT
    for key in SPELLINGS:
        throttle.forget(key)
    for kind, what in steps:
        match kind, what:
            case "count", list(allowances):
                assert memory.count(allowances, now) == throttle.count(allowances, now)
            case "forget", str(key):
                memory.forget(key)
                throttle.forget(key)
            case "sweep", _ if sweeps:
                assert memory.sweep(now) == throttle.sweep(now)
            case _, timedelta() as while_:
                now += while_
