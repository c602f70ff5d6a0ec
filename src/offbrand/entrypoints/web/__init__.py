"""
Web: the front end; a whole application by `create_app`, or `blueprint` in a host's own.

    app.register_blueprint(blueprint(auth, settings))

A host that uses Bootstrap-Flask itself initialises it before. It replaces a page by a template of the same name in its
own ``templates/offbrand/``; ``base.html`` there puts all pages into the host's frame.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import HTTPException

from offbrand.domain.errors import AuthError
from offbrand.entrypoints.web import headers
from offbrand.entrypoints.web.cookies import flask_keys
from offbrand.entrypoints.web.errors import tell_defect, tell_error, tell_refusal
from offbrand.entrypoints.web.guards import (
    admin_required,
    current_account,
    fresh_login_required,
    login_required,
    permission_required,
)
from offbrand.entrypoints.web.health import LiveEndpoint, ReadyEndpoint
from offbrand.entrypoints.web.home import HomePage
from offbrand.entrypoints.web.hosts import check_host
from offbrand.entrypoints.web.mailbox import LetterPage, MailboxPage
from offbrand.entrypoints.web.origin import check_key
from offbrand.entrypoints.web.routes import ROUTES
from offbrand.entrypoints.web.state import KEY, State
from offbrand.entrypoints.web.surroundings import surround

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

    from offbrand.domain.auth import Auth
    from offbrand.settings import Settings

__all__ = [
    "admin_required",
    "blueprint",
    "create_app",
    "current_account",
    "fresh_login_required",
    "login_required",
    "permission_required",
]

_BODY_MAX = 64 * 1024
_HEALTH = ("healthz", "readyz")


def create_app(auth: Auth, settings: Settings) -> Flask:
    """Return an application of the pages alone, with a first page, health checks, and in development a mailbox."""
    app = Flask(__name__, static_folder=None, static_url_path="/static", template_folder=None)
    # A doubled slash is nobody's: mended by a redirect, it would lead to plain http behind a proxy that ends TLS.
    app.url_map.merge_slashes = False
    *older_keys, key = flask_keys(settings.secret_keys)
    app.config.update(
        MAX_CONTENT_LENGTH=_BODY_MAX,
        SECRET_KEY=key,
        SECRET_KEY_FALLBACKS=older_keys,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_NAME=State.of(auth, settings).cookies.name("-flask"),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
    )
    app.session_interface = _Sha256Sessions()
    app.register_blueprint(blueprint(auth, settings))
    app.register_error_handler(HTTPException, tell_error)
    app.register_error_handler(Exception, tell_defect)
    app.after_request(headers.protect)
    if settings.is_https:
        app.after_request(headers.insist_on_https)

    @app.before_request
    def check() -> None:
        # Whoever watches a process asks for it by its address.
        if request.endpoint not in _HEALTH:
            check_host(settings)

    state = app.extensions[KEY]
    app.add_url_rule("/", view_func=HomePage.as_view("home", state))
    app.add_url_rule("/healthz", view_func=LiveEndpoint.as_view("healthz", state))
    app.add_url_rule("/readyz", view_func=ReadyEndpoint.as_view("readyz", state))
    if settings.keeps_letters:
        app.add_url_rule("/dev/mailbox", view_func=MailboxPage.as_view("mailbox", state))
        app.add_url_rule("/dev/mailbox/<letter_id>", view_func=LetterPage.as_view("letter", state))
    return app


def blueprint(auth: Auth, settings: Settings) -> Blueprint:
    """
    Return the pages under ``/auth``; the application that they are mounted in is left as it is otherwise.

    It needs a SECRET_KEY, as the forms need Flask's session.
    """
    state = State.of(auth, settings)
    pages = Blueprint(KEY, __name__, url_prefix="/auth", template_folder="templates", static_folder="static")
    for rule, endpoint, page in ROUTES:
        pages.add_url_rule(rule, view_func=page.as_view(endpoint, state))
    pages.register_error_handler(AuthError, tell_refusal)
    pages.register_error_handler(HTTPException, tell_error)
    pages.register_error_handler(Exception, tell_defect)
    # Guards refuse in views of the host, too.
    pages.app_errorhandler(AuthError)(tell_refusal)
    pages.after_request(headers.protect)

    pages.before_request(check_key)

    @pages.record
    def mount(setup: BlueprintSetupState) -> None:
        name = f"{setup.name_prefix}.{setup.name}".lstrip(".")
        if name != KEY:
            # Links between the pages lead to that name.
            message = f"The pages have to be registered as {KEY!r}, not as {name!r}."
            raise ValueError(message)
        setup.app.extensions[KEY] = state
        surround(setup.app, auth.policy)

    return pages


class _Sha256Sessions(SecureCookieSessionInterface):
    digest_method = staticmethod(hashlib.sha256)
