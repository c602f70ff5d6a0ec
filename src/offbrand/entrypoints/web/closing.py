"""Closing: the account ends at its owner's wish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash

from offbrand.entrypoints.web import guards
from offbrand.entrypoints.web.forms import ClosingForm
from offbrand.entrypoints.web.proof import ProvingPage
from offbrand.entrypoints.web.redirects import home, see_other

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class ClosingPage(ProvingPage[ClosingForm]):
    """Close the account."""

    template = "offbrand/closing.html"
    form = ClosingForm

    def context(self) -> dict[str, Any]:
        """Return how long an operator can still reopen the account, too."""
        return {**super().context(), "closed_for": self.auth.policy.closed_for}

    def do(self, form: ClosingForm) -> ResponseReturnValue:
        """Close it, and go on as a stranger."""
        self.auth.closing.close(self.proved_session(form), client=self.client)
        guards.leave()
        flash("Your account has been closed.", "success")
        return see_other(home())
