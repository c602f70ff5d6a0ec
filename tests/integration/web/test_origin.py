"""Origin: no form works from another site, from another browser, or from before the visitor became somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.web.every_form import EVERY_FORM, Case
from tests.integration.web.visitor import ORIGIN, PASSWORD, USERNAME

if TYPE_CHECKING:
    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

every_form = pytest.mark.parametrize("case", EVERY_FORM, ids=lambda case: f"{case.endpoint}-{'-'.join(case.fields)}")


@every_form
def test_d65_no_form_works_without_its_token(case: Case, site: Site, visitor: Visitor) -> None:
    """CSR-01: the suite runs with the check on, so a form that forgets it is noticed."""
    form = case.filled(visitor)
    before = site.stored()
    del form.fields["csrf_token"]
    assert visitor.post(form.action, form.fields).status_code == 400
    assert before == site.stored()


@every_form
def test_d65_no_form_works_with_the_token_of_another_browser(case: Case, site: Site, visitor: Visitor) -> None:
    form = case.filled(visitor)
    before = site.stored()
    form.fields["csrf_token"] = visitor.another().see("/auth/login").form("/auth/login").fields["csrf_token"]
    assert visitor.post(form.action, form.fields).status_code == 400
    assert before == site.stored()


@every_form
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://offbrand.example.evil.example"},
        {"Origin": "http://offbrand.example"},
        {"Origin": "https://offbrand.example:8443"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN},
    ],
    ids=str,
)
def test_no_form_works_from_another_site(case: Case, headers: dict[str, str], site: Site, visitor: Visitor) -> None:
    """CSR-01: even with the right token."""
    form = case.filled(visitor)
    before = site.stored()
    assert visitor.post(form.action, form.fields, headers=headers).status_code == 403
    assert before == site.stored()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": ORIGIN},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_what_browsers_send_from_our_own_pages_is_accepted(headers: dict[str, str], visitor: Visitor) -> None:
    """No Referer is needed, and one that is hidden does no harm."""
    form = visitor.see("/auth/reset").form("/auth/reset")
    response = visitor.post("/auth/reset", form.fields | {"email": "ada@example.org"}, headers=headers)
    assert response.status_code == 303


def test_csr02_a_login_cannot_be_made_by_another_site(site: Site, visitor: Visitor) -> None:
    """Nobody is logged into a stranger's account by a page that sends the stranger's password."""
    site.visitor().join()
    fields = {"identifier": USERNAME, "password": PASSWORD}
    assert visitor.post("/auth/login", fields).status_code == 400
    assert not visitor.is_logged_in()


def test_a_form_from_before_the_login_is_useless_after_it(site: Site, visitor: Visitor) -> None:
    """CSR-01: whoever planted a token in a browser cannot use it once somebody has logged in there."""
    visitor.join()
    visitor.log_out()
    old = visitor.see("/auth/login").form("/auth/login").fields["csrf_token"]
    visitor.log_in()
    before = site.stored()
    assert visitor.post("/auth/export", {"csrf_token": old}).status_code == 400
    assert before == site.stored()


def test_a_form_from_before_the_confirmation_is_useless_after_it(site: Site, visitor: Visitor) -> None:
    visitor.register()
    old = visitor.see("/auth/login").form("/auth/login").fields["csrf_token"]
    visitor.confirm()
    before = site.stored()
    assert visitor.post("/auth/export", {"csrf_token": old}).status_code == 400
    assert before == site.stored()


def test_csr04_an_expired_form_is_shown_again_as_it_was(visitor: Visitor) -> None:
    """Pressing the button once more is all that it takes."""
    fields = {"email": "ada@example.org", "username": "ada", "password": PASSWORD, "password2": PASSWORD}
    visitor.get("/auth/register")
    response = visitor.post("/auth/register", fields | {"csrf_token": "from yesterday"})
    assert response.status_code == 400
    assert "This form has expired. Please send it again." in response.text
    assert 'value="ada@example.org"' in response.text
    assert PASSWORD not in response.text


def test_csr04_a_form_whose_session_is_over_is_told_so(site: Site, visitor: Visitor) -> None:
    visitor.join()
    form = visitor.see("/auth/change-password").form("/auth/change-password")
    site.clock.tick(hours=25)
    response = visitor.post("/auth/change-password", form.fields)
    assert response.status_code == 401
    assert "Please log in first." in response.text
