"""Every route there is: its path, what it may be asked to do, and by whom; a route without a row is a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

if TYPE_CHECKING:
    from flask import Flask

Whom = Literal["anybody", "strangers", "members"]


@attrs.frozen
class Route:
    """One route of an application that is ours."""

    endpoint: str
    path: str
    methods: str
    whom: Whom = "anybody"

    @property
    def allowed(self) -> set[str]:
        """Every method that it answers, with those that come along."""
        return {*self.methods.split(), "OPTIONS"} | ({"HEAD"} if "GET" in self.methods else set())


EVERY_ROUTE = (
    Route("home", "/", "GET"),
    Route("healthz", "/healthz", "GET"),
    Route("readyz", "/readyz", "GET"),
    Route("offbrand.static", "/auth/static/pages.css", "GET"),
    Route("bootstrap.static", "/bootstrap/static/css/bootstrap.min.css", "GET"),
    Route("offbrand.register", "/auth/register", "GET POST", "strangers"),
    Route("offbrand.unconfirmed", "/auth/unconfirmed", "GET", "strangers"),
    Route("offbrand.login", "/auth/login", "GET POST", "strangers"),
    Route("offbrand.logout", "/auth/logout", "POST"),
    Route("offbrand.prove", "/auth/prove", "GET POST", "members"),
    Route("offbrand.confirm", "/auth/confirm", "GET POST"),
    Route("offbrand.confirm_landing", "/auth/confirm/a-token", "GET"),
    Route("offbrand.confirm_complete", "/auth/confirm/complete", "GET POST"),
    Route("offbrand.confirm_discard", "/auth/confirm/discard", "POST"),
    Route("offbrand.reset", "/auth/reset", "GET POST"),
    Route("offbrand.reset_landing", "/auth/reset/a-token", "GET"),
    Route("offbrand.reset_complete", "/auth/reset/complete", "GET POST"),
    Route("offbrand.change_password", "/auth/change-password", "GET POST", "members"),
    Route("offbrand.change_email", "/auth/change-email", "GET POST", "members"),
    Route("offbrand.change_email_landing", "/auth/change-email/a-token", "GET"),
    Route("offbrand.change_email_complete", "/auth/change-email/complete", "GET POST", "members"),
    Route("offbrand.undo_email_landing", "/auth/undo-email/a-token", "GET"),
    Route("offbrand.undo_email_complete", "/auth/undo-email/complete", "GET POST"),
    Route("offbrand.account", "/auth/account", "GET", "members"),
    Route("offbrand.activity", "/auth/activity", "GET", "members"),
    Route("offbrand.export", "/auth/export", "POST", "members"),
    Route("offbrand.sessions", "/auth/sessions", "GET", "members"),
    Route("offbrand.session_end", "/auth/sessions/some/end", "POST", "members"),
    Route("offbrand.sessions_end_others", "/auth/sessions/end-others", "POST", "members"),
    Route("offbrand.close", "/auth/close", "GET POST", "members"),
)


def routes_of(app: Flask) -> dict[str, set[str]]:
    """Return the endpoints of *app*, and the methods that each of them answers."""
    return {rule.endpoint: set(rule.methods or ()) for rule in app.url_map.iter_rules()}
