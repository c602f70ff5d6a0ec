"""Headers: every answer, errors and redirects included, tells the browser what not to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.domain.errors import TooManyAttempts
from tests.integration.web.conftest import settings_of, site_of
from tests.integration.web.every_form import EVERY_FORM, Case

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

PAGES = (
    "/",
    "/healthz",
    "/readyz",
    "/nowhere",
    "/auth/nowhere",
    "/auth/register",
    "/auth/unconfirmed",
    "/auth/login",
    "/auth/logout",
    "/auth/confirm",
    "/auth/confirm/a-token",
    "/auth/confirm/complete",
    "/auth/confirm/discard",
    "/auth/reset",
    "/auth/reset/a-token",
    "/auth/reset/complete",
    "/auth/change-password",
    "/auth/change-email",
    "/auth/change-email/a-token",
    "/auth/change-email/complete",
    "/auth/undo-email/a-token",
    "/auth/undo-email/complete",
    "/auth/prove",
    "/auth/account",
    "/auth/activity",
    "/auth/export",
    "/auth/sessions",
    "/auth/sessions/some/end",
    "/auth/sessions/end-others",
    "/auth/close",
)
FILES = ("/auth/static/pages.css", "/auth/static/pages.js", "/bootstrap/static/css/bootstrap.min.css")


def test_every_page_is_here(site: Site) -> None:
    adapter = site.app.url_map.bind("offbrand.example")
    seen = {
        adapter.match(path, method=method)[0]
        for path in PAGES
        for method in ("GET", "POST")
        if adapter.test(path, method)
    }
    assert {rule.endpoint for rule in site.app.url_map.iter_rules()} == seen | {"offbrand.static", "bootstrap.static"}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("is_member", [False, True])
def test_hdr01_every_page_is_protected(path: str, is_member: bool, visitor: Visitor) -> None:  # noqa: FBT001 - a parameter
    """HDR-01 and HDR-02, D36."""
    if is_member:
        visitor.join()
    _assert_protected(visitor.get(path))
    _assert_protected(visitor.get(path, headers={"Accept": "application/json"}))
    _assert_page(visitor.get(path))


@pytest.mark.parametrize("case", EVERY_FORM, ids=lambda case: f"{case.endpoint}-{'-'.join(case.fields)}")
def test_hdr01_every_answer_to_a_form_is_protected(case: Case, visitor: Visitor) -> None:
    form = case.filled(visitor)
    for fields in ({}, form.fields | {"more": "x" * 65_536}, form.fields):
        response = visitor.post(form.action, fields)
        _assert_protected(response)
        _assert_page(response)


@pytest.mark.parametrize("path", FILES)
def test_hdr01_files_are_protected_and_may_be_kept(path: str, visitor: Visitor) -> None:
    response = visitor.get(path)
    assert response.status_code == 200
    _assert_protected(response)
    assert "no-store" not in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/auth/static/x", "/bootstrap/static/x"])
def test_hdr02_a_file_that_is_not_there_is_a_page(path: str, ada: Visitor) -> None:
    """It shows who is logged in, so nobody else may get it from a cache."""
    response = ada.get(path)
    assert response.status_code == 404
    _assert_page(response)


def test_hdr02_a_part_of_a_file_that_is_not_there_is_a_page(ada: Visitor) -> None:
    response = ada.get("/auth/static/pages.css", headers={"Range": "bytes=999999-"})
    assert response.status_code == 416
    _assert_page(response)


def test_a_file_that_the_browser_has_may_still_be_kept(visitor: Visitor) -> None:
    path = "/auth/static/pages.css"
    response = visitor.get(path, headers={"If-None-Match": visitor.get(path).headers["ETag"]})
    assert response.status_code == 304
    assert "no-store" not in response.headers["Cache-Control"]


def test_hdr01_defects_and_early_ends_are_protected(site: Site, visitor: Visitor) -> None:
    @site.app.get("/defect")
    def defect() -> str:
        raise RuntimeError

    @site.app.get("/spent")
    def spent() -> str:
        raise TooManyAttempts(7)

    for response, status in (
        (visitor.get("/defect"), 500),
        (visitor.get("/spent"), 429),
        (visitor.get("/", headers={"Host": "evil.example"}), 400),
        (visitor.client.open("/", method="TRACE", base_url="https://offbrand.example"), 405),
    ):
        assert status == response.status_code
        _assert_protected(response)
        _assert_page(response)


@pytest.mark.parametrize("path", [path for path in PAGES if path.endswith("a-token")])
def test_hdr03_a_link_s_page_tells_nobody_where_the_visitor_was(path: str, visitor: Visitor) -> None:
    """D12."""
    for link in (path, f"{path}%20"):
        assert visitor.get(link).headers["Referrer-Policy"] == "no-referrer"


def test_pages_with_forms_let_the_browser_name_their_origin(visitor: Visitor) -> None:
    """With no-referrer a browser would send ``Origin: null`` with the form."""
    assert visitor.get("/auth/login").headers["Referrer-Policy"] == "same-origin"


def test_plain_http_promises_no_https(tmp_path: object) -> None:
    settings = settings_of(
        ENV="development", BASE_URL="http://localhost", DATABASE_URL=f"sqlite:///{tmp_path}/offbrand.db"
    )
    response = site_of(settings).app.test_client().get("/")
    assert response.status_code == 200
    assert "Strict-Transport-Security" not in response.headers


def test_no_page_names_another_origin(site: Site, visitor: Visitor) -> None:
    """D12, D54: no CDN, no Gravatar, nothing."""
    visitor.join()
    for path in PAGES:
        shown = visitor.get(path).text.replace("http://www.w3.org", "")
        assert "//" not in shown.replace("<!doctype html>", ""), path
    assert site.app.config["BOOTSTRAP_SERVE_LOCAL"] is True


def test_no_page_has_inline_scripts_or_styles(visitor: Visitor) -> None:
    """What the policy would block must not be there."""
    visitor.join()
    for path in PAGES:
        shown = visitor.get(path).text
        assert " style=" not in shown
        assert "<style" not in shown
        assert " onclick=" not in shown
        assert shown.count("<script") == shown.count("<script src=")


def _assert_protected(response: TestResponse) -> None:
    headers = response.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert "'none'" == policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"]
    assert "'self'" == policy["script-src"] == policy["style-src"] == policy["form-action"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "same-origin" == headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"]
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "camera=()" in headers["Permissions-Policy"]
    # Nothing about hosts below this one, which are not ours to bind.
    assert headers["Strict-Transport-Security"] == "max-age=63072000"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Server" not in headers


def _assert_page(response: TestResponse) -> None:
    assert response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in response.headers["Vary"]
