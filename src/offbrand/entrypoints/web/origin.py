"""Origin: whether a form was sent from our own pages, told by the browser and by a token."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app, request, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.exceptions import Forbidden, InternalServerError
from wtforms import ValidationError

from offbrand.entrypoints.web.hosts import is_own_origin

if TYPE_CHECKING:
    from offbrand.settings import Settings

_LOG = logging.getLogger(__name__)
TOKEN_FIELD = "csrf_token"
_TOKEN_LASTS = timedelta(hours=24)


def check_key() -> None:
    """
    Check that this application can sign the token.

    Raises:
        InternalServerError: If it has no key for that; the log says which one is missing.
    """
    if not current_app.secret_key:
        _LOG.error("The application has no SECRET_KEY, which signs the forms of the pages.")
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


def has_token() -> bool:
    """Whether the form carries the token that our page gave to this browser."""
    try:
        validate_csrf(
            request.form.get(TOKEN_FIELD), time_limit=int(_TOKEN_LASTS.total_seconds()), token_key=TOKEN_FIELD
        )
    except ValidationError:
        return False
    return True


def token() -> str:
    """Return the token for a form on the page that is being rendered."""
    return str(generate_csrf(token_key=TOKEN_FIELD))


def renew_token() -> None:
    """Make forms useless that were loaded before the visitor became somebody else."""
    session.pop(TOKEN_FIELD, None)
