"""Floods, as one network or many send them: what the pages answer, and how much mail leaves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from offbrand.domain.letters import LetterKind
from tests.integration.web.conftest import Site, settings_of, site_of
from tests.integration.web.visitor import EMAIL, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.test import TestResponse

    from tests.integration.web.visitor import Visitor

MANY = 130
NOBODY = "nobody@example.org"
REGISTRATION = {"username": "somebody", "password": PASSWORD, "password2": PASSWORD}


def sending(visitor: Visitor, page: str) -> Callable[..., TestResponse]:
    """Open the form once, and return how to send it, with what a proxy is said to have written."""
    form = visitor.see(page).form(page).fields

    def send(fields: Mapping[str, str], forwarded: str = "") -> TestResponse:
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        return visitor.post(page, {**form, **fields}, headers=headers)

    return send


@pytest.mark.parametrize(
    ("page", "more"), [("/auth/register", REGISTRATION), ("/auth/reset", {}), ("/auth/confirm", {})]
)
def test_thr_08_a_network_asks_a_hundred_times_an_hour_about_whatever_address(
    page: str, more: Mapping[str, str], site: Site, visitor: Visitor
) -> None:
    """L4: the same answers for an address that has an account; they say when to come back, and keep what was typed."""
    site.visitor().join()
    site.clock.tick(hours=1)
    told = {}
    for email in (EMAIL, NOBODY):
        send = sending(visitor, page)
        answers = [send({"email": email, **more}) for _ in range(102)]
        told[email] = [(each.status_code, each.headers.get("Retry-After")) for each in answers]
        assert "Too many attempts. Try again later." in answers[-1].text
        assert f'value="{email}"' in answers[-1].text
        site.clock.tick(hours=1)
    assert told[EMAIL] == told[NOBODY] == [(303, None)] * 100 + [(429, "3600")] * 2


def test_thr_08_ten_thousand_addresses_get_no_more_letters_than_a_network_may_ask_for(
    site: Site, visitor: Visitor
) -> None:
    """Scaled down to 130 addresses: from the 101st on it is all the same."""
    send = sending(visitor, "/auth/register")
    answers = Counter(
        send({"email": f"person{number}@example.org", **REGISTRATION}).status_code for number in range(MANY)
    )
    assert answers == {303: 100, 429: 30}
    site.auth.delivery.deliver(limit=1000)
    assert Counter(letter.kind for letter in site.mailbox.arrived) == {LetterKind.CONFIRMATION: 100}


def test_thr_08_one_address_gets_five_letters_of_a_kind_from_any_number_of_networks() -> None:
    site = site_of(settings_of(TRUSTED_PROXIES="1"))
    site.visitor().join()
    site.clock.tick(hours=1)
    before = len(site.mailbox.arrived)
    send = sending(site.visitor(), "/auth/reset")
    answers = Counter(send({"email": EMAIL}, f"198.51.100.{number}").status_code for number in range(MANY))
    assert answers == {303: MANY}
    site.auth.delivery.deliver(limit=1000)
    arrived = [letter.kind for letter in site.mailbox.arrived[before:]]
    assert arrived == [LetterKind.PASSWORD_RESET] * 5


@pytest.mark.parametrize(
    ("trusted", "forwarded", "is_free"),
    [
        ("0", "198.51.100.{}", False),
        ("1", "198.51.100.{}", True),
        ("1", "198.51.100.{}, 192.0.2.7", False),
        ("1", "2001:db8::{}", False),
        ("1", "2001:db8:0:{}::1", True),
    ],
    ids=["by default", "one proxy", "right-most", "one /64", "many /64"],
)
def test_hst_02_who_counts_as_one_network(trusted: str, forwarded: str, is_free: bool) -> None:  # noqa: FBT001 - a table
    """THR-03: sprayed over so many names; only networks that a trusted proxy has seen are several."""
    site = site_of(settings_of(TRUSTED_PROXIES=trusted))
    send = sending(site.visitor(), "/auth/login")
    answers = [
        send({"identifier": f"name{number}", "password": "x"}, forwarded.format(number)).status_code
        for number in range(101)
    ]
    assert answers == [401] * 100 + [401 if is_free else 429]


def test_hst_02_a_48_is_refused_after_four_hundred_guesses() -> None:
    site = site_of(settings_of(TRUSTED_PROXIES="1"))
    send = sending(site.visitor(), "/auth/login")
    answers = Counter(
        send({"identifier": f"name{number}", "password": "x"}, f"2001:db8:0:{number:x}::1").status_code
        for number in range(410)
    )
    assert answers == {401: 400, 429: 10}
    assert send({"identifier": "name", "password": "x"}, "2001:db8:1::1").status_code == 401


def test_thr_01_what_cannot_be_a_name_is_counted_like_any_other(site: Site, visitor: Visitor) -> None:
    """Else it would be answered for as long as anybody likes; by then the network is spent for real names, too."""
    send = sending(visitor, "/auth/login")
    answers = [send({"identifier": f"no name! {number}", "password": "x"}).status_code for number in range(101)]
    assert answers == [401] * 100 + [429]
    assert send({"identifier": EMAIL, "password": PASSWORD}).status_code == 429
    assert site.auth.audit.after(limit=1)[0].identifier_digest
