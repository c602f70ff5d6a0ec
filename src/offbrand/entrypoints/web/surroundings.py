"""Surroundings: what templates find in every application that has our pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_bootstrap import Bootstrap5

from offbrand.entrypoints.web import wording
from offbrand.entrypoints.web.form_tokens import TOKEN_FIELD, token
from offbrand.entrypoints.web.guards import current_account
from offbrand.entrypoints.web.identicon import identicon
from offbrand.entrypoints.web.mailbox import mailbox_path
from offbrand.entrypoints.web.redirects import home

if TYPE_CHECKING:
    from flask.sansio.app import App

    from offbrand.domain.policy import Policy


def surround(app: App, policy: Policy) -> None:
    """Give the templates of *app* ``current_account`` and what our own need; leave to the host what it has."""
    if "bootstrap" not in app.extensions:
        # Our pages name its files themselves; this keeps the host's from asking third parties, too.
        app.config.setdefault("BOOTSTRAP_SERVE_LOCAL", True)
        Bootstrap5(app)
    app.jinja_env.globals["current_account"] = current_account
    app.jinja_env.globals["offbrand"] = {
        "browser": wording.browser,
        "duration": wording.duration,
        "events": wording.EVENTS,
        "home": home,
        "identicon": identicon,
        "mailbox": mailbox_path,
        "policy": policy,
        "token": token,
        "token_field": TOKEN_FIELD,
    }
