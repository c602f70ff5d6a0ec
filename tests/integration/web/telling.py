"""Telling: the forms that ask about an address, and all that somebody learns who sends them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.integration.web.visitor import OTHER_PASSWORD, PASSWORD, opened
from tests.town import KINDS, MEMBER, NOBODY, email_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from werkzeug.test import TestResponse

    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

JSON = {"Accept": "application/json"}
_CHANGING = re.compile(r'(name="csrf_token" value=|__Host-offbrand(?:-flask)?=)[^;>]+')


class Form:
    """A form that somebody sends about an address."""

    def __init__(self, path: str, field: str = "email", *, member: bool = False, **others: str) -> None:
        self.path = path
        self._field = field
        self._member = member
        self._others = others

    def send(self, visitor: Visitor, email: str, *, headers: Mapping[str, str], **spoilt: str) -> TestResponse:
        """Fill it in and send it, with what is *spoilt* in the place of what belongs there."""
        if self._member and not visitor.is_logged_in():
            visitor.log_in(str(MEMBER), PASSWORD)
        filled = visitor.see(self.path).form(self.path).fields | {self._field: email, **self._others} | spoilt
        return visitor.post(self.path, filled, headers=headers)


FORMS = {
    "registration": Form("/auth/register", username="somebody", password=OTHER_PASSWORD, password2=OTHER_PASSWORD),
    "login": Form("/auth/login", "identifier", password=OTHER_PASSWORD),
    "reset": Form("/auth/reset"),
    "fresh link": Form("/auth/confirm"),
    "email change": Form("/auth/change-email", member=True),
}


def told(town: Site, ask: Callable[[Visitor], TestResponse], typed: str) -> list[str]:
    """Return all that somebody with an empty browser learns: the answer, and the page that follows it."""
    visitor = town.visitor()
    response = ask(visitor)
    parts = plain(response)
    if response.status_code == 303:
        parts += plain(visitor.get(response.headers["Location"]))
    return [part.replace(typed, "what was typed") for part in parts]


def plain(response: TestResponse) -> list[str]:
    """Return status, headers and body, without what differs from one request to the next for everybody."""
    headers = [_CHANGING.sub(r"\1", f"{name}: {value}") for name, value in response.headers]
    flask = [value.partition("=")[2] for value in response.headers.getlist("Set-Cookie") if "-flask=" in value]
    cookies = [re.sub(r"[0-9a-f]{64}", "", opened(value)) for value in flask]
    return [response.status, *headers, *cookies, _CHANGING.sub(r"\1", response.text)]


def told_about(
    town: Site, form: Form, headers: Mapping[str, str], kinds: Sequence[str] = KINDS, **spoilt: str
) -> dict[str, list[str]]:
    """Return what is told about each of these kinds."""

    def about(email: str) -> list[str]:
        return told(town, lambda visitor: form.send(visitor, email, headers=headers, **spoilt), email)

    return {kind: about(str(email_of(kind))) for kind in kinds}


def alike(answers: Mapping[str, list[str]]) -> bool:
    """Check that everybody is answered like nobody; fails with the first who is not."""
    for kind, answer in answers.items():
        assert answer == answers[NOBODY], kind
    return True
