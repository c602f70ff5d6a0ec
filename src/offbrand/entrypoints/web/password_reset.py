"""Password reset: asking for a link, and choosing a new password behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, url_for

from offbrand.domain.claims import Purpose
from offbrand.domain.values import Password
from offbrand.entrypoints import parsing, promises
from offbrand.entrypoints.web import guards
from offbrand.entrypoints.web.forms import EmailForm, PasswordResetForm
from offbrand.entrypoints.web.landing import LandedPage, LandingEndpoint
from offbrand.entrypoints.web.page import Page
from offbrand.entrypoints.web.redirects import see_other

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class PasswordResetRequestPage(Page[EmailForm]):
    """Ask for a reset link; the answer is the same whether the address has an account or not (law L4)."""

    template = "offbrand/password_reset.html"
    form = EmailForm

    def do(self, form: EmailForm) -> ResponseReturnValue:
        """Ask for it."""
        self.auth.password_reset.request(parsing.email_address(form.email.data), client=self.client)
        flash(promises.PASSWORD_RESET, "success")
        return see_other(url_for("offbrand.account" if guards.current_visit() else "offbrand.login"))


class PasswordResetLanding(LandingEndpoint):
    """Where the letter's link leads."""

    purpose = Purpose.PASSWORD_RESET
    complete = "offbrand.reset_complete"


class PasswordResetPage(LandedPage[PasswordResetForm]):
    """Choose a new password."""

    template = "offbrand/password_reset_complete.html"
    form = PasswordResetForm
    purpose = Purpose.PASSWORD_RESET

    def do(self, form: PasswordResetForm) -> ResponseReturnValue:
        """Set it; nobody is logged in by that."""
        password = Password(form.password.data)
        self.cookies.keep_device(self.auth.password_reset.complete(self.token(form), password, client=self.client))
        self.cookies.forget_link()
        flash("Your password has been updated.", "success")
        return see_other(url_for("offbrand.login"))
