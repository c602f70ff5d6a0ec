"""Throttle: whether guesses are counted, tried on a key that nobody else has."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from offbrand.domain.errors import Unavailable
from offbrand.domain.policy import Allowance
from offbrand.entrypoints.cli.checks.finding import bad, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.ports import Clock, Throttle
    from offbrand.entrypoints.cli.checks.finding import Finding, Patient

_WINDOW = timedelta(minutes=1)
_ADVICE = "Nobody stops whoever guesses passwords; do not serve before this is mended."


def look(patient: Patient) -> Iterator[Finding]:
    """Count as a login would, and once more where another store than the database counts most of it."""
    from offbrand.bootstrap import quick_throttle  # noqa: PLC0415 - help needs no adapter

    clock = patient.auth.housekeeping.clock
    yield _counted(patient.auth.housekeeping.throttle, clock)
    quick = quick_throttle(patient.settings)
    if quick is None:
        return
    try:
        _counted(quick, clock)
    except Unavailable:
        advice = "Look at OFFBRAND_THROTTLE_URL and the server that it names."
        yield warning("The database counts in place of Redis, which does not answer.", advice)
    else:
        yield ok("Redis answers.")


def _counted(throttle: Throttle, clock: Clock) -> Finding:
    """Count as far as allowed, once more, and again after forgetting."""
    allowance = Allowance(f"doctor:{uuid.uuid4()}", 1, _WINDOW)
    try:
        is_free = throttle.count([allowance], clock.now()) is None
        spent = throttle.count([allowance], clock.now())
        throttle.forget(allowance.key)
        is_free_again = throttle.count([allowance], clock.now()) is None
    finally:
        throttle.forget(allowance.key)
    if spent is None or spent[0] != allowance.key:
        return bad("Guesses are not counted.", _ADVICE)
    if spent[1] is None or not timedelta() < spent[1] <= _WINDOW:
        return bad("Guesses are counted, but not for the time that they should be.", _ADVICE)
    if not (is_free and is_free_again):
        return bad("Counts are not forgotten, so that owners would be kept out.", "Look into the throttle's store.")
    return ok("Guesses are counted, and forgotten when they should be.")
