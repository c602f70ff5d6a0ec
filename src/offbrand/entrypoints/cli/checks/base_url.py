"""Base URL: whether the links in letters lead anywhere."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from offbrand.entrypoints.cli.checks.finding import ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient


def look(patient: Patient) -> Iterator[Finding]:
    """Look at where it leads from outside, and whether its host is known by name."""
    settings = patient.settings
    host = urlsplit(settings.base_url).hostname or ""
    if settings.is_local:
        if settings.production:
            yield warning(
                f"Links in letters lead to {settings.base_url}, which is the reader's own machine.",
                "Set OFFBRAND_BASE_URL to what visitors type.",
            )
        else:
            yield ok(f"Links in letters lead to {settings.base_url}, this machine.")
        return
    if not settings.is_https:
        yield warning(
            "Everybody on the way can read passwords: the base URL is plain http.",
            "Serve over https before anybody uses this from elsewhere.",
        )
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        yield warning(
            f"This machine does not know the host {host}.",
            "Check its name in OFFBRAND_BASE_URL, unless only visitors can resolve it.",
        )
        return
    yield ok(f"Links in letters lead to {settings.base_url}, whose host is known.")
