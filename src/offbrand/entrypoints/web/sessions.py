"""Sessions: where the account is logged in, and ending that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, url_for

from offbrand.entrypoints import parsing
from offbrand.entrypoints.web import guards
from offbrand.entrypoints.web.forms import EmptyForm
from offbrand.entrypoints.web.page import Endpoint
from offbrand.entrypoints.web.redirects import see_other

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class SessionsPage(Endpoint):
    """Every session of the account."""

    members_only = True

    def get(self) -> ResponseReturnValue:
        """Show them, the one seen last first."""
        sessions = self.auth.sessions.of(guards.require_session())
        return render_template("offbrand/sessions.html", sessions=sessions, visit=guards.require_visit())


class SessionEndEndpoint(Endpoint):
    """End one session."""

    members_only = True
    back = "offbrand.sessions"

    def post(self, session_id: str) -> ResponseReturnValue:
        """End it."""
        EmptyForm.read()
        self.auth.sessions.end(guards.require_session(), parsing.session_id(session_id), client=self.client)
        flash("The session has been ended.", "success")
        return see_other(url_for("offbrand.sessions"))


class SessionsEndOthersEndpoint(Endpoint):
    """End every session but this one."""

    members_only = True
    back = "offbrand.sessions"

    def post(self) -> ResponseReturnValue:
        """End them."""
        EmptyForm.read()
        self.auth.sessions.end_others(guards.require_session(), client=self.client)
        flash("You have been logged out everywhere else.", "success")
        return see_other(url_for("offbrand.sessions"))
