"""Errors: every refusal and error that no page of its own tells; never a traceback."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import make_response, render_template, request, url_for
from werkzeug.exceptions import HTTPException, InternalServerError

from offbrand.domain.errors import AuthError, NotLoggedIn, ProofNeeded
from offbrand.entrypoints.logs import places
from offbrand.entrypoints.web.guards import settle
from offbrand.entrypoints.web.headers import protect
from offbrand.entrypoints.web.problems import Problem, wants_json
from offbrand.entrypoints.web.redirects import came_from, here, see_other
from offbrand.entrypoints.web.state import current_state

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from offbrand.domain.claims import Purpose

_LOG = logging.getLogger(__name__)
_SERVER_ERROR = 500


def tell_refusal(refusal: AuthError, back: str | None = None, purpose: Purpose | None = None) -> ResponseReturnValue:
    """
    Answer a refusal; who only has to log in or to type the password again is sent there, and comes back.

    *purpose* is that of the link which has led here, so that the page can say what to do without it.
    """
    if wants_json():
        return _tell(refusal)
    is_reading = request.method in ("GET", "HEAD")
    if isinstance(refusal, NotLoggedIn) and is_reading:
        return see_other(url_for("offbrand.login", next=here()))
    back = here() if is_reading else back or came_from(current_state().settings)
    if isinstance(refusal, ProofNeeded):
        return see_other(url_for("offbrand.prove", next=back))
    return _tell(refusal, back, purpose)


def tell_error(error: HTTPException) -> ResponseReturnValue:
    """Answer an HTTP error, unless it brings its own answer."""
    if error.response is not None:
        return error
    return _tell(error)


def tell_defect(error: Exception) -> ResponseReturnValue:
    """Answer what nobody expected, and note it."""
    # Without the error's text and without variables: either may hold what somebody typed.
    _LOG.error("Defect on %s: %s at %s", request.endpoint, type(error).__name__, places(error))
    return _tell(InternalServerError())


def _tell(
    error: AuthError | HTTPException, back: str | None = None, purpose: Purpose | None = None
) -> ResponseReturnValue:
    problem = Problem.of(error)
    if wants_json():
        return protect(problem.as_json())
    settle(may_ask=problem.status < _SERVER_ERROR)
    page = render_template("offbrand/error.html", problem=problem, back=back, purpose=purpose)
    return protect(make_response(page, problem.status, problem.headers))
