"""Processes that are busy with everything are killed at any moment, also while the database itself writes."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING

from tests.kills.points import bustling
from tests.tallies import Tally

if TYPE_CHECKING:
    from tests.kills.place import Place

SEED = 20
_LONGEST = 0.4  # seconds, enough for several lives


def test_whoever_is_killed_at_any_moment_leaves_nothing_half_done(place: Place, tallies: list[Tally]) -> None:
    """Laws L1, L2, L3 and L5; two at a time, so that one is killed while the other waits for it."""
    rounds = 100 if os.environ.get("OFFBRAND_TEST_LONG") else 10
    chance = Random(SEED)  # noqa: S311 - a seed makes runs alike
    for number in range(rounds):
        with ExitStack() as stack:
            for place_in_line in range(2):
                terminal = stack.enter_context(place.hazard())
                stack.enter_context(bustling(terminal.environ, f"ada{number}.{place_in_line}"))
            time.sleep(chance.uniform(0, _LONGEST))
        place.rest()
    everybody = place.auth.directory.list(limit=100_000)
    counts = {"kills": 2 * rounds, "registrations": len(everybody), "duplicate letters": place.duplicates()}
    counts["confirmed"] = sum(not account.is_pending for account in everybody)
    tallies.append(Tally("killed at random points", place.kind, counts))
    assert counts["confirmed"] > 0
