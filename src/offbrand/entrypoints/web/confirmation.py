"""Confirmation: asking for another link, and what its page offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from offbrand.domain.claims import Purpose
from offbrand.domain.values import Password
from offbrand.entrypoints import parsing, promises
from offbrand.entrypoints.web import guards
from offbrand.entrypoints.web.forms import ConfirmationAnewForm, ConfirmationForm, EmailForm, LinkForm
from offbrand.entrypoints.web.landing import LandedPage, LandingEndpoint, meant_token
from offbrand.entrypoints.web.page import Endpoint, Page
from offbrand.entrypoints.web.redirects import home, see_other

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from offbrand.domain.visits import Opened


class UnconfirmedPage(Endpoint):
    """What comes after registering: the same for every address."""

    strangers_only = True

    def get(self) -> ResponseReturnValue:
        """Ask to look into the inbox, and offer another letter."""
        return render_template("offbrand/unconfirmed.html", form=EmailForm(), policy=self.auth.policy)


class ConfirmationRequestPage(Page[EmailForm]):
    """Ask for another confirmation link."""

    template = "offbrand/confirmation.html"
    form = EmailForm

    def do(self, form: EmailForm) -> ResponseReturnValue:
        """Ask for it; whether there is anything to confirm, only the mailbox learns."""
        self.auth.confirmation.request(parsing.email_address(form.email.data), client=self.client)
        flash(promises.CONFIRMATION, "success")
        return see_other(url_for("offbrand.unconfirmed"))


class ConfirmationLanding(LandingEndpoint):
    """Where the letter's link leads."""

    purpose = Purpose.CONFIRMATION
    complete = "offbrand.confirm_complete"


class ConfirmationPage(LandedPage["ConfirmationForm | ConfirmationAnewForm"]):
    """Confirm with the password chosen at registration, or as somebody who did not choose it."""

    template = "offbrand/confirmation_complete.html"
    form = ConfirmationForm
    purpose = Purpose.CONFIRMATION

    def chosen(self) -> type[ConfirmationForm | ConfirmationAnewForm]:
        """Return which of the two forms was sent."""
        return ConfirmationAnewForm if "new_password" in request.form else ConfirmationForm

    def context(self) -> dict[str, Any]:
        """Return both forms, empty; the template shows the one that was sent instead of its like."""
        return {**super().context(), "chosen": ConfirmationForm(), "anew": ConfirmationAnewForm()}

    def do(self, form: ConfirmationForm | ConfirmationAnewForm) -> ResponseReturnValue:
        """Confirm, and log in for the first time."""
        guards.begin(self._confirm(form))
        self.cookies.forget_link()
        flash("You have confirmed your account. Thanks!", "success")
        return see_other(home())

    def _confirm(self, form: ConfirmationForm | ConfirmationAnewForm) -> Opened:
        confirmation, token = self.auth.confirmation, self.token(form)
        if isinstance(form, ConfirmationForm):
            return confirmation.complete(token, Password(form.password.data), client=self.client)
        username = parsing.username(form.username.data)
        return confirmation.complete_anew(token, username, Password(form.new_password.data), client=self.client)


class DiscardEndpoint(Endpoint):
    """Delete a pending account that the mailbox's owner did not ask for."""

    purpose = Purpose.CONFIRMATION

    def post(self) -> ResponseReturnValue:
        """Discard it."""
        token = meant_token(self.state, Purpose.CONFIRMATION, LinkForm.read())
        self.auth.confirmation.discard(token, client=self.client)
        self.cookies.forget_link()
        flash("The registration has been discarded.", "success")
        return see_other(home())
