"""Every form there is, filled in so that it works, for tests that then spoil one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.letters import LetterKind
from tests.integration.web.visitor import EMAIL, OTHER_PASSWORD, PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.web.visitor import FormOnPage, Visitor

NEW_EMAIL = "ada@example.net"


@attrs.frozen(kw_only=True)
class Case:
    """One form: how a visitor gets to it, and what is filled in."""

    endpoint: str
    page: str
    action: str
    prepare: Callable[[Visitor], object]
    fields: dict[str, str] = attrs.Factory(dict)
    optional: dict[str, str] = attrs.Factory(dict)

    def filled(self, visitor: Visitor) -> FormOnPage:
        """Return the form, filled in."""
        self.prepare(visitor)
        shown = visitor.see(self.page)
        first = next(iter(self.fields), "")
        form = next(
            form for form in shown.forms if form.action.endswith(self.action) and (not first or first in form.fields)
        )
        form.fields.update(self.fields)
        return form


def _stranger(visitor: Visitor) -> None:
    pass


def _registered(visitor: Visitor) -> None:
    visitor.register()
    visitor.get(visitor.link(kind=LetterKind.CONFIRMATION))


def _member(visitor: Visitor) -> None:
    visitor.join()


def _known(visitor: Visitor) -> None:
    visitor.join()
    visitor.log_out()


def _resetting(visitor: Visitor) -> None:
    _known(visitor)
    visitor.submit("/auth/reset", email=EMAIL)
    visitor.get(visitor.link(kind=LetterKind.PASSWORD_RESET))


def _moving(visitor: Visitor) -> None:
    visitor.join()
    visitor.submit("/auth/change-email", email=NEW_EMAIL)
    visitor.get(visitor.link(NEW_EMAIL, LetterKind.EMAIL_CHANGE))


def _moved(visitor: Visitor) -> None:
    _moving(visitor)
    visitor.submit("/auth/change-email/complete")
    visitor.get(visitor.link(EMAIL, LetterKind.EMAIL_CHANGED))


def _in_two_browsers(visitor: Visitor) -> None:
    visitor.join()
    visitor.another().log_in()


_TWICE = {"password": PASSWORD, "password2": PASSWORD}
EVERY_FORM = (
    Case(
        endpoint="offbrand.register",
        page="/auth/register",
        action="/auth/register",
        prepare=_stranger,
        fields={"email": EMAIL, "username": USERNAME, **_TWICE},
    ),
    Case(
        endpoint="offbrand.confirm",
        page="/auth/confirm",
        action="/auth/confirm",
        prepare=_stranger,
        fields={"email": EMAIL},
    ),
    Case(
        endpoint="offbrand.confirm_complete",
        page="/auth/confirm/complete",
        action="/auth/confirm/complete",
        prepare=_registered,
        fields={"password": PASSWORD},
    ),
    Case(
        endpoint="offbrand.confirm_complete",
        page="/auth/confirm/complete",
        action="/auth/confirm/complete",
        prepare=_registered,
        fields={"new_password": OTHER_PASSWORD, "new_password2": OTHER_PASSWORD, "username": "countess"},
    ),
    Case(
        endpoint="offbrand.confirm_discard",
        page="/auth/confirm/complete",
        action="/auth/confirm/discard",
        prepare=_registered,
    ),
    Case(
        endpoint="offbrand.login",
        page="/auth/login",
        action="/auth/login",
        prepare=_known,
        fields={"identifier": EMAIL, "password": PASSWORD},
        optional={"remember_me": "y", "next": "/auth/account"},
    ),
    Case(endpoint="offbrand.logout", page="/", action="/auth/logout", prepare=_member),
    Case(
        endpoint="offbrand.prove",
        page="/auth/prove",
        action="/auth/prove",
        prepare=_member,
        fields={"password": PASSWORD},
        optional={"next": "/auth/account"},
    ),
    Case(
        endpoint="offbrand.reset", page="/auth/reset", action="/auth/reset", prepare=_stranger, fields={"email": EMAIL}
    ),
    Case(
        endpoint="offbrand.reset_complete",
        page="/auth/reset/complete",
        action="/auth/reset/complete",
        prepare=_resetting,
        fields={"password": OTHER_PASSWORD, "password2": OTHER_PASSWORD},
    ),
    Case(
        endpoint="offbrand.change_password",
        page="/auth/change-password",
        action="/auth/change-password",
        prepare=_member,
        fields={"old_password": PASSWORD, "password": OTHER_PASSWORD, "password2": OTHER_PASSWORD},
    ),
    Case(
        endpoint="offbrand.change_email",
        page="/auth/change-email",
        action="/auth/change-email",
        prepare=_member,
        fields={"email": NEW_EMAIL},
        optional={"password": PASSWORD},
    ),
    Case(
        endpoint="offbrand.change_email_complete",
        page="/auth/change-email/complete",
        action="/auth/change-email/complete",
        prepare=_moving,
    ),
    Case(
        endpoint="offbrand.undo_email_complete",
        page="/auth/undo-email/complete",
        action="/auth/undo-email/complete",
        prepare=_moved,
    ),
    Case(endpoint="offbrand.export", page="/auth/account", action="/auth/export", prepare=_member),
    Case(endpoint="offbrand.session_end", page="/auth/sessions", action="/end", prepare=_in_two_browsers),
    Case(
        endpoint="offbrand.sessions_end_others",
        page="/auth/sessions",
        action="/auth/sessions/end-others",
        prepare=_in_two_browsers,
    ),
    Case(
        endpoint="offbrand.close",
        page="/auth/close",
        action="/auth/close",
        prepare=_member,
        optional={"password": PASSWORD},
    ),
)
