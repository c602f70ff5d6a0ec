"""Password change: the old password, the new one, and every other session ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, url_for

from offbrand.domain.values import Password
from offbrand.entrypoints.web import guards
from offbrand.entrypoints.web.forms import PasswordChangeForm
from offbrand.entrypoints.web.page import Page
from offbrand.entrypoints.web.redirects import see_other

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class PasswordChangePage(Page[PasswordChangeForm]):
    """Replace a password that its owner knows."""

    template = "offbrand/password_change.html"
    form = PasswordChangeForm
    members_only = True

    def do(self, form: PasswordChangeForm) -> ResponseReturnValue:
        """Replace it, and go on under a new session token."""
        opened = self.auth.password_change.change(
            guards.require_session(),
            Password(form.old_password.data),
            Password(form.password.data),
            client=self.client,
        )
        guards.enter(opened)
        flash("Your password has been updated.", "success")
        return see_other(url_for("offbrand.account"))
