"""Ways: whether what goes to the database and to Redis could be read or answered by somebody in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.checks.finding import ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient


def look(patient: Patient) -> Iterator[Finding]:
    """Read it in the settings; what is on this machine needs no TLS."""
    from offbrand.bootstrap import open_ways  # noqa: PLC0415 - help needs no adapter

    open_ones = open_ways(patient.settings)
    for setting in open_ones:
        yield warning(
            f"{setting} leads over a network to a server that need not prove who it is.",
            "The README says what to write into the URL; leave it where nobody else is on the way.",
        )
    if not open_ones:
        yield ok("Nobody can listen on the way to the database or to Redis.")
