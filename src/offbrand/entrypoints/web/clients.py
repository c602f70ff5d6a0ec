"""Clients: who is asking, as far as a request can tell."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from flask import request

from offbrand.domain.values import Client

if TYPE_CHECKING:
    from offbrand.entrypoints.web.state import State


def client_of(state: State) -> Client:
    """Return the client of this request."""
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    return Client(
        network=network_of(request.remote_addr, forwarded, state.settings.trusted_proxies),
        user_agent=request.headers.get("User-Agent"),
        device=state.cookies.device(),
    )


def network_of(remote: str | None, forwarded: str, trusted_proxies: int) -> str | None:
    """Return the address of whoever asked the outermost of the proxies that are trusted."""
    # Each trusted proxy appends whom it was asked by, so only that many entries from the right are not made up.
    entries = [entry.strip() for entry in forwarded.split(",")]
    if not 0 < trusted_proxies <= len(entries):
        return remote
    try:
        return str(ipaddress.ip_address(entries[-trusted_proxies]))
    except ValueError:
        return remote
