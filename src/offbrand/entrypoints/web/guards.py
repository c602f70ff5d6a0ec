"""Guards: who is visiting, read at most once a request and only if somebody asks; and decorators for views."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import after_this_request, current_app, request

from offbrand.domain.errors import Forbidden, NotLoggedIn, ProofNeeded
from offbrand.domain.roles import ADMIN
from offbrand.entrypoints.web.clients import client_of
from offbrand.entrypoints.web.form_tokens import renew_token
from offbrand.entrypoints.web.state import current_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from offbrand.domain.account import Account
    from offbrand.domain.values import Token
    from offbrand.domain.visits import Opened, Visit

View = TypeVar("View", bound="Callable[..., Any]")
# Kept with the request and not in `flask.g`, which outlives requests where a host has opened a context of its own.
_VISIT = "offbrand.visit"


def current_visit() -> Visit | None:
    """Return the valid session that this request comes with, and its account; None for a stranger."""
    if _VISIT not in request.environ:
        after_this_request(_vary)
        request.environ[_VISIT] = _visit()
    visit: Visit | None = request.environ[_VISIT]
    return visit


def current_account() -> Account | None:
    """Return the account of whoever is logged in, with its permissions; None for a stranger."""
    visit = current_visit()
    return visit.account if visit else None


def require_visit() -> Visit:
    """
    Return the session that this request comes with, and its account.

    Raises:
        NotLoggedIn: If there is none.
    """
    visit = current_visit()
    if visit is None:
        raise NotLoggedIn
    return visit


def require_session() -> Token:
    """
    Return the session's token, for a flow that looks at it itself.

    Raises:
        NotLoggedIn: If there is none.
    """
    session = current_state().cookies.session()
    if session is None:
        raise NotLoggedIn
    return session


def enter(opened: Opened) -> None:
    """Go on as whoever this session belongs to."""
    current_state().cookies.keep_session(opened)
    request.environ.pop(_VISIT, None)


def begin(opened: Opened) -> None:
    """Go on as whoever has just logged in; the session that this browser had before ends."""
    state = current_state()
    earlier = state.cookies.session()
    enter(opened)
    renew_token()
    if earlier:
        state.auth.login.log_out(earlier, client=client_of(state))


def leave() -> None:
    """Go on as a stranger; what a host keeps in Flask's session is the host's to clear."""
    current_state().cookies.forget_session()
    request.environ.pop(_VISIT, None)
    renew_token()


def is_settled() -> bool:
    """Return whether it is known who is visiting, or plain that nobody is logged in."""
    return _VISIT in request.environ or current_state().cookies.session() is None


def settle(*, may_ask: bool) -> None:
    """Know who is visiting before an error is told; a stranger, where whoever could tell may be the trouble."""
    try:
        if may_ask:
            current_visit()
    except Exception:  # noqa: BLE001 - one trouble is told already, and a second one must not hide it
        request.environ[_VISIT] = None
    request.environ.setdefault(_VISIT, None)


def login_required(view: View) -> View:
    """Let only visitors through who are logged in; others are sent to the login page and come back."""
    return _guarded(view, require_visit)


def fresh_login_required(view: View) -> View:
    """Let only visitors through who have typed their password within the last minutes."""
    return _guarded(view, _require_proof)


def permission_required(name: str) -> Callable[[View], View]:
    """Let only visitors through whose account grants the permission called *name*; others are forbidden."""

    def decorate(view: View) -> View:
        return _guarded(view, lambda: _require_permission(name))

    return decorate


def admin_required(view: View) -> View:
    """Let only visitors through whose account grants ADMIN."""
    return permission_required(ADMIN)(view)


def _guarded(view: View, check: Callable[[], object]) -> View:
    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> object:
        after_this_request(_keep_private)
        check()
        return current_app.ensure_sync(view)(*args, **kwargs)

    return cast("View", guarded)


def _require_proof() -> None:
    if not require_visit().is_proved:
        raise ProofNeeded


def _require_permission(name: str) -> None:
    if not require_visit().account.can(name):
        raise Forbidden


def _vary(response: Response) -> Response:
    response.vary.add("Cookie")
    return response


def _keep_private(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "private")
    return response


def _visit() -> Visit | None:
    state = current_state()
    session = state.cookies.session()
    if session is None:
        return None
    try:
        return state.auth.sessions.current(session)
    except NotLoggedIn:
        return None
