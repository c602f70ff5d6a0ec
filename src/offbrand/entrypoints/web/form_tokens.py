"""Form tokens: what every form of ours carries, so that no page but ours, in this very browser, can have made it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import current_app, request, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from offbrand.entrypoints.web.cookies import form_keys
from offbrand.entrypoints.web.state import current_state

TOKEN_FIELD = "csrf_token"
_TOKEN_LASTS = timedelta(hours=24)
_SEED_BYTES = 32


def token() -> str:
    """Return the token for a form on the page that is being rendered."""
    if _is_checked_by_host():
        return str(generate_csrf(token_key=TOKEN_FIELD))
    seed = session.setdefault(TOKEN_FIELD, secrets.token_hex(_SEED_BYTES))
    issued = str(_now())
    return f"{issued}.{_mac(_keys()[-1], issued, seed)}"


def has_token() -> bool:
    """Whether the form carries the token that our page gave to this browser."""
    sent, seed = request.form.get(TOKEN_FIELD, ""), session.get(TOKEN_FIELD)
    if _is_checked_by_host():
        return _is_flask_wtf_s(sent)
    issued, _, mac = sent.partition(".")
    if not seed or not any(hmac.compare_digest(_mac(key, issued, seed).encode(), mac.encode()) for key in _keys()):
        return False
    # Both ways: the clock of another machine may be a little ahead.
    return abs(_now() - int(issued)) <= _TOKEN_LASTS.total_seconds()


def renew_token() -> None:
    """Make forms useless that were loaded before the visitor became somebody else."""
    session.pop(TOKEN_FIELD, None)


def _is_checked_by_host() -> bool:
    # Its check meets our forms, too, and knows no token but Flask-WTF's, which is signed with SHA-1 for good.
    return "csrf" in current_app.extensions


def _is_flask_wtf_s(sent: str) -> bool:
    try:
        validate_csrf(sent, time_limit=int(_TOKEN_LASTS.total_seconds()), token_key=TOKEN_FIELD)
    except ValidationError:
        return False
    return True


def _keys() -> list[bytes]:
    return form_keys(current_state().settings.secret_keys)


def _mac(key: bytes, issued: str, seed: str) -> str:
    return hmac.new(key, f"{issued}.{seed}".encode(), hashlib.sha256).hexdigest()


def _now() -> int:
    return int(current_state().auth.login.clock.now().timestamp())
