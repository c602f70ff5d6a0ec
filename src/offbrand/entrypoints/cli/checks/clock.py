"""Clock: whether this machine and the database agree about the time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.checks.finding import bad, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient

_NOTICEABLE = timedelta(seconds=1)
_ADVICE = "Keep both with NTP; timedatectl tells whether this machine does."


def look(patient: Patient) -> Iterator[Finding]:
    """Read the database's clock between two looks at ours."""
    rooms = patient.auth.housekeeping
    before = rooms.clock.now()
    with rooms.unit_of_work.reading() as tx:
        theirs = tx.directory.clock()
    after = rooms.clock.now()
    # Whatever lies between the two looks may be the way there and back.
    skew = max(theirs - after, before - theirs, timedelta())
    sentence = f"The database's clock differs by {skew.total_seconds():.1f} s."
    if skew > rooms.policy.clock_tolerance:
        yield bad(f"{sentence[:-1]}, so that nothing is purged.", _ADVICE)
    elif skew > _NOTICEABLE:
        yield warning(sentence, _ADVICE)
    else:
        yield ok("This machine and the database agree about the time.")
