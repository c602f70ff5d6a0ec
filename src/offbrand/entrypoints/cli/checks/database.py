"""Database: whether it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.domain.errors import AuthError
from offbrand.entrypoints.cli.checks.finding import bad, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient


def look(patient: Patient) -> Iterator[Finding]:
    """Ask it something that needs no table."""
    from offbrand.bootstrap import revisions  # noqa: PLC0415 - help needs no adapter

    file = patient.settings.database_file
    if file is not None and not file.exists():
        # Asked, SQLite would make one.
        yield bad(f"There is no file {file}.", "Run: offbrand db upgrade")
        return
    try:
        revisions(patient.settings)
    except AuthError:
        yield bad("It does not answer.", "offbrand -v doctor says what it was; check OFFBRAND_DATABASE_URL.")
        return
    yield ok("It answers.")
