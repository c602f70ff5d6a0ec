"""Silence: no page tells whether an address has an account (law L4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress, Username
from tests.integration.web.visitor import OTHER_PASSWORD, PASSWORD, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

# Of one length, because what was typed is shown again.
ACTIVE = "active@example.org"
PENDING = "pendng@example.org"
DISABLED = "disbld@example.org"
CLOSED = "closed@example.org"
NO_PASSWORD = "nopass@example.org"
UNKNOWN = "nobody@example.org"
ADDRESSES = (ACTIVE, PENDING, DISABLED, CLOSED, NO_PASSWORD)
_CHANGING = re.compile(r'(name="csrf_token" value=|__Host-offbrand(?:-flask)?=)[^;>]+')


@pytest.fixture
def town(site: Site) -> Site:
    """A site with an account in every state."""
    site.visitor().register(PENDING, "pending")
    for email, username in ((ACTIVE, "active"), (DISABLED, "disabled"), (CLOSED, "closed"), (NO_PASSWORD, "nopass")):
        visitor = site.visitor().join(email, username)
        if email == CLOSED:
            visitor.submit("/auth/close")
    ids = {name: site.auth.directory.show(Username.parse(name)).id for name in ("disabled", "nopass")}
    site.auth.administration.disable(ids["disabled"], actor="test")
    site.auth.administration.remove_password(ids["nopass"], actor="test")
    return site


def _register(visitor: Visitor, email: str) -> TestResponse:
    return visitor.register(email, "somebody", OTHER_PASSWORD)


def _reset(visitor: Visitor, email: str) -> TestResponse:
    return visitor.submit("/auth/reset", email=email)


def _resend(visitor: Visitor, email: str) -> TestResponse:
    return visitor.submit("/auth/confirm", email=email)


def _wrong_password(visitor: Visitor, email: str) -> TestResponse:
    return visitor.log_in(email, OTHER_PASSWORD)


def _right_password(visitor: Visitor, email: str) -> TestResponse:
    return visitor.log_in(email, PASSWORD)


@pytest.mark.parametrize("email", ADDRESSES)
@pytest.mark.parametrize("ask", [_register, _reset, _resend, _wrong_password])
def test_an_address_is_answered_like_an_unknown_one(
    ask: Callable[[Visitor, str], TestResponse], email: str, town: Site
) -> None:
    """D15, ENU-01, ENU-04, ENU-06, ENU-08: status, headers, cookies, body, and the page that follows."""
    assert _told(town, ask, UNKNOWN) == _told(town, ask, email)


@pytest.mark.parametrize("email", [PENDING, DISABLED, CLOSED, NO_PASSWORD])
def test_an_account_that_cannot_be_used_does_not_show_by_its_right_password(email: str, town: Site) -> None:
    """D42: the sentence comes after a failed attempt and is the same for all."""
    assert _told(town, _right_password, UNKNOWN) == _told(town, _right_password, email)


@pytest.mark.parametrize("email", ADDRESSES)
def test_d16_an_email_change_is_answered_like_one_to_an_unknown_address(email: str, town: Site) -> None:
    town.visitor().join("member@example.org", "member")

    def ask(visitor: Visitor, email: str) -> TestResponse:
        visitor.log_in("member", PASSWORD)
        return visitor.submit("/auth/change-email", email=email)

    assert _told(town, ask, UNKNOWN) == _told(town, ask, email)


def test_d15_the_owner_learns_by_letter_what_the_asker_does_not(town: Site) -> None:
    town.visitor().register(ACTIVE, "somebody", OTHER_PASSWORD)
    letter = town.mailbox.newest(EmailAddress.parse(ACTIVE))
    assert (letter.kind, letter.token) == (LetterKind.ALREADY_REGISTERED, None)


def test_usernames_are_public_but_lead_to_no_address(town: Site) -> None:
    """A taken username is told for a fresh address and for the one that it belongs to alike."""
    told = [_plain(town.visitor().register(email, "active")) for email in (ACTIVE, UNKNOWN)]
    assert told[0] == [part.replace(UNKNOWN, ACTIVE) for part in told[1]]
    assert told[0][0] == "409 CONFLICT"
    assert "Username already in use." in told[0][-1]


def _told(town: Site, ask: Callable[[Visitor, str], TestResponse], email: str) -> list[str]:
    visitor = town.visitor()
    response = ask(visitor, email)
    told = _plain(response)
    if response.status_code == 303:
        told += _plain(visitor.get(response.headers["Location"]))
    return [part.replace(email, UNKNOWN) for part in told]


def _plain(response: TestResponse) -> list[str]:
    """Return status, headers and body, without what differs from one request to the next for everybody."""
    headers = [_CHANGING.sub(r"\1", f"{name}: {value}") for name, value in response.headers]
    flask = [value.partition("=")[2] for value in response.headers.getlist("Set-Cookie") if "-flask=" in value]
    cookies = [re.sub(r"[0-9a-f]{40}", "", opened(value)) for value in flask]
    return [response.status, *headers, *cookies, _CHANGING.sub(r"\1", response.text)]
