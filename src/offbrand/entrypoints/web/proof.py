"""Proof: a page that asks for the password in its own form, unless it was typed a moment ago."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from offbrand.domain.values import Password
from offbrand.entrypoints.web import guards
from offbrand.entrypoints.web.page import F, Page

if TYPE_CHECKING:
    from offbrand.domain.values import Token


class ProvingPage(Page[F]):
    """A page whose form has an optional field ``password``."""

    members_only = True

    def context(self) -> dict[str, Any]:
        """Return whether the page has to ask for the password, and until when it has to refuse in any case."""
        visit = guards.require_visit()
        return {"asks_password": not visit.is_proved, "waits_until": visit.account.unsettled_until(self.now)}

    def proved_session(self, form: F) -> Token:
        """Return the session's token, a new one if the form brought the password."""
        text = form.password.data
        if text:
            guards.enter(self.auth.login.prove(guards.require_session(), Password(text), client=self.client))
        return guards.require_session()
