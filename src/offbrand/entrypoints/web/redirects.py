"""Redirects: where a visitor may be sent next; never to another origin."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from flask import redirect, request

from offbrand.entrypoints.web.hosts import is_own_origin

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from offbrand.settings import Settings

_LONGEST = 2000  # characters of a header, as many a proxy passes on no more than 4 KiB of them all
_PLAIN_IN_PATHS = "/:@!$&'()*+,;="


def safe_path(text: str | None) -> str | None:
    """
    Return *text* if every browser reads it as a path on our own origin, query and fragment included; else None.

    The path is looked at as it stands and once more decoded, as whatever stands before us may do so.
    """
    if not text or not text.startswith("/") or not text.isprintable():
        return None
    if len(text) > _LONGEST or len(quote(text, safe=string.punctuation)) > _LONGEST:
        return None
    path = re.split(r"[?#]", text, maxsplit=1)[0]
    # No library takes it apart: what one of them reads as a path, some browser reads as a host.
    if any("//" in form or "\\" in form or not form.isprintable() for form in (path, unquote(path))):
        return None
    return text


def here() -> str | None:
    """Return the path of this request, for coming back to it."""
    # The server has decoded the path and not the query.
    path = quote(request.script_root + request.path, safe=_PLAIN_IN_PATHS)
    query = quote(request.query_string, safe=string.punctuation)
    return safe_path(f"{path}?{query}" if query else path)


def came_from(settings: Settings) -> str | None:
    """Return the path of the page of ours that this request was sent from, if the browser tells."""
    try:
        referrer = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if not is_own_origin(settings, f"{referrer.scheme}://{referrer.netloc}"):
        return None
    return safe_path(referrer._replace(scheme="", netloc="").geturl())


def wanted() -> str | None:
    """Return where the visitor was on the way to, if that is on our own origin."""
    return safe_path(request.form.get("next") or request.args.get("next"))


def home() -> str:
    """Return the path of the application's first page."""
    return f"{request.script_root}/"


def see_other(path: str) -> Response:
    """Send the visitor to *path*, which a form has been answered by."""
    return redirect(path, 303)
