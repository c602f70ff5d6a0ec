"""Login: logging in and out, and typing the password once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, make_response

from offbrand.domain.values import Password
from offbrand.entrypoints import parsing
from offbrand.entrypoints.web import guards
from offbrand.entrypoints.web.forms import EmptyForm, LoginForm, ProofForm
from offbrand.entrypoints.web.headers import CLEAR_SITE_DATA
from offbrand.entrypoints.web.page import Endpoint, Page
from offbrand.entrypoints.web.redirects import home, see_other, wanted

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class LoginPage(Page[LoginForm]):
    """Log in, and go on to where the visitor wanted to be."""

    template = "offbrand/login.html"
    form = LoginForm
    strangers_only = True

    def blank(self) -> LoginForm:
        """Return a form that remembers where to go on."""
        return LoginForm(data={"next": wanted()})

    def do(self, form: LoginForm) -> ResponseReturnValue:
        """Begin a session."""
        opened = self.auth.login.log_in(
            parsing.identifier(form.identifier.data),
            Password(form.password.data),
            form.remember_me.data,
            client=self.client,
        )
        guards.begin(opened)
        return see_other(wanted() or home())


class ProofPage(Page[ProofForm]):
    """Type the password once more, before what needs fresh proof."""

    template = "offbrand/proof.html"
    form = ProofForm
    members_only = True

    def blank(self) -> ProofForm:
        """Return a form that remembers where to go on."""
        return ProofForm(data={"next": wanted()})

    def do(self, form: ProofForm) -> ResponseReturnValue:
        """Prove, and go on."""
        guards.enter(self.auth.login.prove(guards.require_session(), Password(form.password.data), client=self.client))
        flash("Thank you. You can go on now.", "success")
        return see_other(wanted() or home())


class LogoutEndpoint(Endpoint):
    """Log out; the browser stays a known one."""

    def post(self) -> ResponseReturnValue:
        """End the session here and in the browser."""
        EmptyForm.read()
        token = self.cookies.session()
        if token:
            self.auth.login.log_out(token, client=self.client)
        guards.leave()
        flash("You have been logged out.", "success")
        response = make_response(see_other(home()))
        response.headers["Clear-Site-Data"] = CLEAR_SITE_DATA
        return response
