"""Origin: whether a form was sent from our own pages, as far as the browser tells."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import current_app, request
from werkzeug.exceptions import Forbidden, InternalServerError

from offbrand.entrypoints.web.hosts import is_own_origin

if TYPE_CHECKING:
    from offbrand.settings import Settings

_LOG = logging.getLogger(__name__)


def check_key() -> None:
    """
    Check that this application can keep what the form tokens are made of.

    Raises:
        InternalServerError: If it has no key for that; the log says which one is missing.
    """
    if not current_app.secret_key:
        _LOG.error("The application has no SECRET_KEY, which the forms of the pages need.")
        raise InternalServerError


def check_origin(settings: Settings) -> None:
    """
    Check what the browser itself says about where the form was.

    Raises:
        Forbidden: If it was another site; what says nothing, such as an old browser, is left to the token.
    """
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    if site not in ("same-origin", "none"):
        raise Forbidden
    # A browser that hides where it comes from writes "null"; it has then to say in the other header that it was us.
    hidden = origin == "null" and site == "same-origin"
    if origin is not None and not hidden and not is_own_origin(settings, origin):
        raise Forbidden
