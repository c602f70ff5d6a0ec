"""Landing: a mailed link leaves the address bar at once, and does nothing before somebody presses a button."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, ClassVar

from flask import url_for

from offbrand.domain.errors import InvalidToken
from offbrand.entrypoints.web.page import Endpoint, F, Page
from offbrand.entrypoints.web.redirects import see_other

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from offbrand.domain.claims import Purpose
    from offbrand.domain.services.landing import Landed
    from offbrand.domain.values import Token
    from offbrand.entrypoints.web.forms import EmptyForm
    from offbrand.entrypoints.web.state import State


class LandingEndpoint(Endpoint):
    """Where a mailed link leads: its token moves into a cookie, the visitor on to the page ``complete``."""

    purpose: ClassVar[Purpose]
    complete: ClassVar[str]

    def get(self, token: str) -> ResponseReturnValue:
        """Keep the token and go on; changes nothing, as mail scanners come here too."""
        if not self.cookies.keep_link(self.purpose, token):
            raise InvalidToken
        return see_other(url_for(self.complete))


class LandedPage(Page[F]):
    """The page behind a link: names the account on GET, uses the link on POST."""

    purpose: ClassVar[Purpose]

    def landed(self) -> Landed:
        """Return what the link would do now."""
        return self.auth.landing.look(landed_token(self.state, self.purpose), self.purpose)

    def context(self) -> dict[str, Any]:
        """Return the account that the link is about, and which link the page was shown for."""
        link = _mark(landed_token(self.state, self.purpose))
        return {"landed": self.landed(), "link": link}

    def stands_alone(self) -> bool:
        """Return no, as the page names the account."""
        return False

    def token(self, form: F) -> Token:
        """Return the link's token."""
        return meant_token(self.state, self.purpose, form)


def landed_token(state: State, purpose: Purpose) -> Token:
    """
    Return the token of the link that was followed last.

    Raises:
        InvalidToken: If none was, or one for something else.
    """
    token = state.cookies.link(purpose)
    if token is None:
        raise InvalidToken
    return token


def meant_token(state: State, purpose: Purpose, form: EmptyForm) -> Token:
    """
    Return the token of the link that *form* was shown for.

    Raises:
        InvalidToken: If another link was followed since, so that the button would use what nobody has looked at.
    """
    token = landed_token(state, purpose)
    if not hmac.compare_digest(_mark(token).encode(), (form.link.data or "").encode()):
        raise InvalidToken
    return token


def _mark(token: Token) -> str:
    return token.digest("form")
