"""Registration: the form for a new account, and the page that asks to look into the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, url_for

from offbrand.domain.values import Password
from offbrand.entrypoints import parsing, promises
from offbrand.entrypoints.web.forms import RegistrationForm
from offbrand.entrypoints.web.page import Page
from offbrand.entrypoints.web.redirects import see_other

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class RegistrationPage(Page[RegistrationForm]):
    """Ask for an account; the answer is the same whether the address has one or not (law L4)."""

    template = "offbrand/registration.html"
    form = RegistrationForm
    strangers_only = True

    def do(self, form: RegistrationForm) -> ResponseReturnValue:
        """Register, and send the visitor to the inbox."""
        self.auth.registration.register(
            parsing.email_address(form.email.data),
            parsing.username(form.username.data),
            Password(form.password.data),
            client=self.client,
        )
        flash(promises.REGISTRATION, "success")
        return see_other(url_for("offbrand.unconfirmed"))
