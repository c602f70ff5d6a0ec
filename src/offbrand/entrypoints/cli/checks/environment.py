"""Environment: whether it has variables that somebody may have taken for settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.checks.finding import ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient

# Those of the tests, which may run where this is looked at.
_OF_TESTS = re.compile("OFFBRAND_(REQUIRE|TEST_.*)")


def look(patient: Patient) -> Iterator[Finding]:
    """Look for names that mean nothing; those that are nearly a setting's have stopped the start already."""
    names = [name for name in patient.settings.unread if not _OF_TESTS.fullmatch(name)]
    if names:
        # Without their values, which may be secrets.
        yield warning(
            f"{', '.join(names)} {'is no setting' if len(names) == 1 else 'are no settings'}.",
            "The table in the README has their names; what an orchestrator sets by itself does no harm.",
        )
    else:
        yield ok("Every OFFBRAND_ variable is a setting.")
