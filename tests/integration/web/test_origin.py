"""Origin: no form works from another site, from another browser, or from before the visitor became somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.web.conftest import KEYS, Site, settings_of, site_of
from tests.integration.web.every_form import EVERY_FORM, Case
from tests.integration.web.visitor import ORIGIN, PASSWORD, USERNAME, Shown

if TYPE_CHECKING:
    from tests.integration.web.visitor import Visitor

FLASK = "__Host-offbrand-flask"
MEMBERS_FORMS = [
    case
    for case in EVERY_FORM
    if case.endpoint.rpartition(".")[2]
    in {"change_password", "change_email", "close", "export", "prove", "session_end", "sessions_end_others"}
]
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


def test_csr04_an_expired_form_works_when_it_is_sent_once_more(site: Site, visitor: Visitor) -> None:
    """CSR-01: a token is for a day, also to whoever has kept the cookie that it belongs to."""
    form = visitor.see("/auth/reset").form("/auth/reset").fields | {"email": "ada@example.org"}
    site.clock.tick(hours=24)
    assert visitor.post("/auth/reset", form).status_code == 303
    site.clock.tick(seconds=1)
    expired = visitor.post("/auth/reset", form)
    assert expired.status_code == 400
    assert "This form has expired." in expired.text
    assert visitor.post("/auth/reset", Shown(expired).form("/auth/reset").fields).status_code == 303


@pytest.mark.parametrize("hours", [13, 25])
@pytest.mark.parametrize("case", MEMBERS_FORMS, ids=lambda case: case.endpoint)
def test_csr04_a_form_whose_session_is_over_is_told_so(case: Case, hours: int, site: Site, visitor: Visitor) -> None:
    """And whoever logs in then sees the page, where nothing is sent a second time."""
    form = case.filled(visitor)
    site.clock.tick(hours=hours)
    before = site.stored()
    response = visitor.post(form.action, form.fields, headers={"Referer": ORIGIN + case.page})
    assert response.status_code == 401
    assert "Please log in first." in response.text
    assert before == site.stored()
    login = f"/auth/login?next={case.page}"
    assert login in Shown(response).links
    back = visitor.submit(login, identifier=USERNAME, password=PASSWORD)
    assert back.headers["Location"] == case.page
    before = site.stored()
    visitor.get(case.page)
    assert before == site.stored()


def test_csr04_a_login_in_another_tab_leaves_a_clean_page(site: Site, visitor: Visitor) -> None:
    site.visitor().join()
    other = visitor.see("/auth/login").form("/auth/login").fields | {"identifier": USERNAME, "password": PASSWORD}
    visitor.log_in()
    session, before = visitor.cookie("__Host-offbrand"), site.stored()
    expired = visitor.post("/auth/login", other)
    assert expired.status_code == 400
    assert f'value="{USERNAME}"' in expired.text
    assert PASSWORD not in expired.text
    again = visitor.post("/auth/login", Shown(expired).form("/auth/login").fields | {"password": PASSWORD})
    assert again.headers["Location"] == "/"
    assert "You are already logged in." in visitor.after(again).text
    assert (session, before) == (visitor.cookie("__Host-offbrand"), site.stored())


def test_csr01_a_form_token_is_signed_with_sha256_by_the_newest_key(visitor: Visitor) -> None:
    """ASVS 11.4.1, whatever else the library would take; older keys still open what they have signed."""
    old, both, new = (site_of(settings_of(SECRET_KEYS=keys)) for keys in (KEYS[0], ",".join(KEYS), KEYS[1]))
    issued, _, mac = visitor.see("/auth/reset").form("/auth/reset").fields["csrf_token"].partition(".")
    assert issued.isdigit()
    assert len(bytes.fromhex(mac)) == 32
    assert [_accepts(later, old) for later in (old, both, new)] == [True, True, False]
    assert [_accepts(later, both) for later in (old, both, new)] == [False, True, True]


@pytest.mark.parametrize(
    "spoil", ["{0}.{1}x", "{0}.", ".{1}", "{1}", "{0}0.{1}", "-{0}.{1}", "{0}.{1}.{1}", "\u00e9.{1}", ""]
)
def test_csr01_no_other_token_will_do(spoil: str, site: Site, visitor: Visitor) -> None:
    fields = visitor.see("/auth/reset").form("/auth/reset").fields | {"email": "ada@example.org"}
    issued, _, mac = fields["csrf_token"].partition(".")
    before = site.stored()
    assert visitor.post("/auth/reset", fields | {"csrf_token": spoil.format(issued, mac)}).status_code == 400
    assert before == site.stored()


def _accepts(later: Site, earlier: Site) -> bool:
    """Return whether a form of *earlier* works after its keys were replaced by those of *later*."""
    visitor, successor = earlier.visitor(), later.visitor()
    fields = visitor.see("/auth/reset").form("/auth/reset").fields | {"email": "ada@example.org"}
    successor.client.set_cookie(FLASK, visitor.cookie(FLASK), domain="offbrand.example", secure=True)
    return successor.post("/auth/reset", fields).status_code == 303
