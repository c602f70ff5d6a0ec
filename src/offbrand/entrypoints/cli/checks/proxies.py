"""Proxies: whose word about a visitor's address is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.checks.finding import ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient


def look(patient: Patient) -> Iterator[Finding]:
    """Compare the number of proxies with the base URL, as only a proxy could speak https for `offbrand serve`."""
    settings = patient.settings
    count = settings.trusted_proxies
    if count and settings.is_local:
        yield warning(
            f"{_proxies(count)} trusted, but the base URL is on this machine: visitors could make addresses up.",
            "Set OFFBRAND_TRUSTED_PROXIES=0 where visitors come directly.",
        )
    elif settings.is_https and not count:
        yield warning(
            "No proxy is trusted, so behind one all visitors share one address, and one limit of guesses.",
            "Set OFFBRAND_TRUSTED_PROXIES to how many are in front, unless there is none.",
        )
    elif count:
        yield ok(f"{_proxies(count)} trusted; visitors must have no way around.")
    else:
        yield ok("None is trusted; visitors come directly.")


def _proxies(count: int) -> str:
    return "One proxy is" if count == 1 else f"{count} proxies are"
