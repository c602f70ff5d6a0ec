"""Tables: whether they have the form that this version works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.checks.finding import bad, ok
from offbrand.entrypoints.cli.core import INSTEAD_OF_OLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient


def look(patient: Patient) -> Iterator[Finding]:
    """Compare the database's revision with the newest."""
    from offbrand.bootstrap import is_known, revisions  # noqa: PLC0415 - help needs no adapter

    current, newest = revisions(patient.settings)
    if current == newest:
        yield ok(f"Up to date ({newest}).")
    elif current is None:
        yield bad("There are none yet.", "Run: offbrand db upgrade")
    elif not is_known(current):
        yield bad(f"They are those of {current}, newer than this version of offbrand ({newest}).", INSTEAD_OF_OLDER)
    else:
        yield bad(f"They are those of {current}, and not of {newest}.", "Run: offbrand db upgrade")
