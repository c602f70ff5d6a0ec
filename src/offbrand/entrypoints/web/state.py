"""State: what this door keeps in an application's ``extensions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs
from flask import current_app

from offbrand.entrypoints.web.cookies import Cookies

if TYPE_CHECKING:
    from offbrand.domain.auth import Auth
    from offbrand.settings import Settings

KEY = "offbrand"


@attrs.frozen(kw_only=True)
class State:
    """The core, the settings, and the cookies that follow from them."""

    auth: Auth
    settings: Settings
    cookies: Cookies

    @classmethod
    def of(cls, auth: Auth, settings: Settings) -> State:
        """Return what a door onto *auth* keeps."""
        remembered_for = auth.policy.remembered_session.absolute
        cookies = Cookies(is_https=settings.is_https, remembered_for=remembered_for)
        return cls(auth=auth, settings=settings, cookies=cookies)


def current_state() -> State:
    """Return what the application that answers this request keeps."""
    return cast("State", current_app.extensions[KEY])
