"""Cookies: by which names and with which flags browsers will keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.checks.finding import ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient


def look(patient: Patient) -> Iterator[Finding]:
    """Look at what follows from the base URL."""
    if patient.settings.is_https:
        yield ok("__Host-offbrand and others: HttpOnly, Secure, SameSite=Lax, for this host alone.")
        return
    yield warning(
        "offbrand and others: HttpOnly and SameSite=Lax, but neither Secure nor bound to this host.",
        "Right for trying it on localhost; with a base URL of https they are.",
    )
