"""Letters: whether somebody delivers them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from offbrand.domain.letters import LetterState
from offbrand.entrypoints.cli.checks.finding import bad, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient

_NOTICEABLE = timedelta(minutes=1)
_LOST = timedelta(hours=1)  # links to reset a password are dead by then


def look(patient: Patient) -> Iterator[Finding]:
    """Look at those that were given up, and at those that should have left."""
    from offbrand.bootstrap import letters_due_since  # noqa: PLC0415 - help needs no adapter

    counts = patient.auth.delivery.status().counts
    since = letters_due_since(patient.settings)
    late = patient.auth.delivery.clock.now() - since if since else timedelta()
    is_well = True
    if dead := counts.get(LetterState.DEAD, 0):
        is_well = False
        yield warning(
            f"{dead} {'letter was' if dead == 1 else 'letters were'} given up.",
            "Once mail works: offbrand mail retry",
        )
    if late >= _NOTICEABLE:
        is_well = False
        tell = bad if late >= _LOST else warning
        yield tell(
            f"A letter should have left {_span(late)} ago; nobody seems to deliver.",
            "Run: offbrand serve, or offbrand mail deliver --watch",
        )
    if is_well:
        waiting = counts.get(LetterState.WAITING, 0)
        yield ok(f"None is late; {waiting} on the way." if waiting else "None is late.")


def _span(late: timedelta) -> str:
    minutes = int(late.total_seconds()) // 60
    return f"{minutes} min" if minutes < 2 * 60 else f"{minutes // 60} h"
