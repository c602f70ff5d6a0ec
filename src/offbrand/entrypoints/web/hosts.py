"""Hosts: by which names this site may be asked for; a made-up Host header is answered by nothing but 400."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import BadRequest

if TYPE_CHECKING:
    from offbrand.settings import Settings

_OWN_MACHINE = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_own_host(settings: Settings, host: str) -> bool:
    """Whether *host* is the one of BASE_URL, or in development any name of this machine."""
    base = urlsplit(settings.base_url)
    default_port = _DEFAULT_PORTS[base.scheme]
    if host.lower().removesuffix(default_port) == base.netloc.removesuffix(default_port):
        return True
    return not settings.production and _OWN_MACHINE.fullmatch(host.lower()) is not None


def is_own_origin(settings: Settings, origin: str) -> bool:
    """Whether *origin*, as a browser writes it, is this site's."""
    scheme, _, host = origin.partition("://")
    return scheme == urlsplit(settings.base_url).scheme and is_own_host(settings, host)


def check_host(settings: Settings) -> None:
    """
    Check what this request was sent to.

    Raises:
        BadRequest: If it was sent to somebody else.
    """
    if not is_own_host(settings, request.environ.get("HTTP_HOST", "")):
        raise BadRequest
