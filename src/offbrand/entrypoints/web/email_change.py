"""Email change: asking for it, completing it from the new mailbox, undoing it from the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, url_for

from offbrand.domain.claims import Purpose
from offbrand.domain.errors import InvalidToken
from offbrand.entrypoints import parsing, promises
from offbrand.entrypoints.web import guards
from offbrand.entrypoints.web.forms import EmailChangeForm, LinkForm
from offbrand.entrypoints.web.landing import LandedPage, LandingEndpoint
from offbrand.entrypoints.web.proof import ProvingPage
from offbrand.entrypoints.web.redirects import see_other

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from offbrand.domain.services.landing import Landed


class EmailChangeRequestPage(ProvingPage[EmailChangeForm]):
    """Ask to move to another address; the answer is the same whether that has an account or not (law L4)."""

    template = "offbrand/email_change.html"
    form = EmailChangeForm

    def do(self, form: EmailChangeForm) -> ResponseReturnValue:
        """Ask for it."""
        email = parsing.email_address(form.email.data)
        self.auth.email_change.request(self.proved_session(form), email, client=self.client)
        flash(promises.EMAIL_CHANGE, "success")
        return see_other(url_for("offbrand.account"))


class EmailChangeLanding(LandingEndpoint):
    """Where the link in the new mailbox leads."""

    purpose = Purpose.EMAIL_CHANGE
    complete = "offbrand.change_email_complete"


class EmailChangePage(LandedPage[LinkForm]):
    """Move to the new address."""

    template = "offbrand/email_change_complete.html"
    form = LinkForm
    purpose = Purpose.EMAIL_CHANGE
    members_only = True

    def landed(self) -> Landed:
        """Return what the link would do now; nothing for anybody else's account."""
        landed = super().landed()
        if landed.account.id != guards.require_visit().account.id:
            raise InvalidToken
        return landed

    def do(self, form: LinkForm) -> ResponseReturnValue:
        """Move, and go on under a new session token."""
        token = self.token(form)
        guards.enter(self.auth.email_change.complete(guards.require_session(), token, client=self.client))
        self.cookies.forget_link()
        flash("Your email address has been updated.", "success")
        return see_other(url_for("offbrand.account"))


class EmailUndoLanding(LandingEndpoint):
    """Where the link in the old mailbox leads."""

    purpose = Purpose.EMAIL_UNDO
    complete = "offbrand.undo_email_complete"


class EmailUndoPage(LandedPage[LinkForm]):
    """Take the account back to the old address; needs no login, as somebody else may have the password by now."""

    template = "offbrand/email_undo_complete.html"
    form = LinkForm
    purpose = Purpose.EMAIL_UNDO

    def do(self, form: LinkForm) -> ResponseReturnValue:
        """Take it back; nobody is logged in by that."""
        self.auth.email_change.undo(self.token(form), client=self.client)
        self.cookies.forget_link()
        flash("Your email address is the former one again. We have sent a link there to set a new password.", "success")
        return see_other(url_for("offbrand.login"))
