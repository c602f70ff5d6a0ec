"""Constraints: whether the database really keeps what the laws build on, whatever the migrations once said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.checks.finding import bad, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient


def look(patient: Patient) -> Iterator[Finding]:
    """Compare tables, constraints, collations and the connection's own state with what they must be."""
    from offbrand.bootstrap import inspect  # noqa: PLC0415 - help needs no adapter

    deviations = inspect(patient.settings)
    for deviation in deviations:
        tell = bad if deviation.is_unsafe else warning
        yield tell(deviation.sentence, deviation.advice)
    if not deviations:
        yield ok("Unique and foreign keys, columns, isolation and durability are as they must be.")
