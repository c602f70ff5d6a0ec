"""Account: what is known about it, what happened, and all of it as a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import make_response, render_template

from offbrand.entrypoints.web import guards
from offbrand.entrypoints.web.forms import EmptyForm
from offbrand.entrypoints.web.page import Endpoint

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class AccountPage(Endpoint):
    """The account at a glance."""

    members_only = True

    def get(self) -> ResponseReturnValue:
        """Show it."""
        visit = guards.require_visit()
        return render_template("offbrand/account.html", visit=visit, undo_until=visit.account.unsettled_until(self.now))


class ActivityPage(Endpoint):
    """What happened lately, so that the owner notices what was somebody else."""

    members_only = True

    def get(self) -> ResponseReturnValue:
        """Show it, newest first."""
        events = self.auth.audit.activity(guards.require_session())
        return render_template("offbrand/activity.html", events=events)


class ExportEndpoint(Endpoint):
    """Everything that is stored about the account."""

    members_only = True
    back = "offbrand.account"

    def post(self) -> ResponseReturnValue:
        """Hand it out as a file."""
        EmptyForm.read()
        exported = self.auth.closing.export(guards.require_session(), client=self.client)
        response = make_response(json.dumps(exported, indent=2, ensure_ascii=False))
        response.mimetype = "application/json"
        response.headers["Content-Disposition"] = 'attachment; filename="account.json"'
        return response
