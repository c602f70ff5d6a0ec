"""Redirects: nobody is sent to another origin, whatever stands in ``next``."""

from __future__ import annotations

import pytest
from flask import Flask

from offbrand.entrypoints.web.redirects import came_from, safe_path
from tests.integration.web.conftest import Site, settings_of
from tests.integration.web.visitor import EMAIL, PASSWORD, Visitor

EVIL = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example/",
    "/\\evil.example/",
    "\\/evil.example/",
    "\\\\evil.example/",
    "\\\\\\evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example/",
    "//evil.example\\@offbrand.example/",
    "http://offbrand.example@evil.example/",
    "http://offbrand.example\\@evil.example/",
    "https://offbrand.example.evil.example/",
    "https://evil.exampleoffbrand.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example:443#@offbrand.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/ok%0d%0aSet-Cookie:x=1",
    "/ok\r\nSet-Cookie:x=1",
    ".evil.example",
    "@evil.example",
    "?next=//evil.example",
    " //evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    "/\n/evil.example",
    "/..//evil.example",
    "/\u2028/evil.example",
    "/\u0085/evil.example",
    "//[evil",
    "",
    "/" + "a" * 2000,
    "/" + "\u20ac" * 300,
)
GOOD = (
    ("/", "/"),
    ("/auth/account", "/auth/account"),
    ("/account?tab=2#x", "/account?tab=2#x"),
    ("/search?to=https://example.org//x", "/search?to=https://example.org//x"),
    ("/caf\u00e9/%E2%82%AC?q=\u20ac", "/caf%C3%A9/%E2%82%AC?q=%E2%82%AC"),
    ("/a%20b", "/a%20b"),
)
every_evil = pytest.mark.parametrize("wanted", EVIL)


@pytest.mark.parametrize("wanted", [*EVIL, None])
def test_d10_what_leads_away_is_no_path(wanted: str | None) -> None:
    assert safe_path(wanted) is None


@every_evil
def test_red01_login_goes_home_instead(wanted: str, site: Site, visitor: Visitor) -> None:
    """D10: in the form, and in the address of the page."""
    site.visitor().join()
    assert visitor.log_in(next=wanted).headers["Location"] == "/"
    visitor.log_out()
    form = visitor.see("/auth/login").form("/auth/login")
    fields = form.fields | {"identifier": EMAIL, "password": PASSWORD}
    response = visitor.client.post(
        "/auth/login", base_url="https://offbrand.example", data=fields, query_string={"next": wanted}
    )
    assert response.headers["Location"] == "/"


@every_evil
def test_red01_the_login_page_does_not_pass_it_on(wanted: str, visitor: Visitor) -> None:
    page = visitor.get("/auth/login", query_string={"next": wanted})
    assert '<input id="next" name="next" type="hidden" value="">' in page.text
    assert "evil.example" not in page.text


@every_evil
def test_red01_proof_goes_home_instead(wanted: str, ada: Visitor) -> None:
    assert ada.submit("/auth/prove", password=PASSWORD, next=wanted).headers["Location"] == "/"


@every_evil
def test_red01_who_is_logged_in_goes_home_instead(wanted: str, ada: Visitor) -> None:
    for page in ("/auth/login", "/auth/register", "/auth/unconfirmed"):
        assert ada.get(page, query_string={"next": wanted}).headers["Location"] == "/"


@pytest.mark.parametrize(("wanted", "location"), GOOD)
def test_red02_a_path_of_our_own_is_kept(wanted: str, location: str, site: Site, visitor: Visitor) -> None:
    """Query and fragment included, decoded exactly once."""
    site.visitor().join()
    page = visitor.get("/auth/login", query_string={"next": wanted})
    assert page.status_code == 200
    assert location == visitor.log_in(next=wanted).headers["Location"]


@pytest.mark.parametrize(
    ("referrer", "path"),
    [
        ("https://offbrand.example/auth/sessions?x=1", "/auth/sessions?x=1"),
        ("https://evil.example/auth/sessions", None),
        ("https://offbrand.example//evil.example", None),
        ("https://[broken", None),
        ("", None),
    ],
)
def test_a_page_of_ours_is_gone_back_to(referrer: str, path: str | None) -> None:
    with Flask(__name__).test_request_context(headers={"Referer": referrer}):
        assert path == came_from(settings_of())
