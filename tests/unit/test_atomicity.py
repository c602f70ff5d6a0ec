"""
Transactions: how much of a change is kept, and what happens meanwhile.

L5: a change, its events and its letters are kept together or not at all, wherever the database fails. L6: nothing slow
happens inside.
"""

from __future__ import annotations

import pytest

from tests.unit.house import CLIENT, Broken
from tests.unit.stage import FLOWS, stage, stored


@pytest.mark.parametrize("name", FLOWS)
def test_l5_wherever_the_database_fails_nothing_of_the_change_is_left(name: str) -> None:
    at = stage()
    before = stored(at.house)
    steps = 0
    while True:
        at.house.calls.breaks_at = steps
        try:
            FLOWS[name](at)
        except Broken:
            assert stored(at.house) == before
            steps += 1
        else:
            break
    assert steps >= 2
    assert stored(at.house) != before


@pytest.mark.parametrize("name", FLOWS)
def test_every_change_is_recorded_once(name: str) -> None:
    """LOG-03: one event with the time, the actor and where known the network."""
    at = stage()
    before = len(at.house.events())
    at.house.clock.tick(seconds=7)
    FLOWS[name](at)
    (event,) = at.house.auth.audit.after()[before:]
    assert event.at == at.house.clock.now()
    assert (event.actor, event.network) in (("owner", CLIENT.network), ("ops", None))


@pytest.mark.parametrize("name", FLOWS)
def test_l6_nothing_slow_happens_inside_a_transaction(name: str) -> None:
    """Hasher, throttle and mailer in memory refuse to work there."""
    try:
        at = stage()
        FLOWS[name](at)
        at.house.deliver()
    except RuntimeError as refusal:
        pytest.fail(str(refusal))
