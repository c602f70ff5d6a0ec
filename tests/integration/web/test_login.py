"""Login, log out, and typing the password once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters import memory
from offbrand.domain.events import EventKind
from tests.integration.web.visitor import EMAIL, ORIGIN, OTHER_PASSWORD, PASSWORD, USERNAME

if TYPE_CHECKING:
    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

SESSION = "__Host-offbrand"
MEMBERS_ONLY = (
    "/auth/account",
    "/auth/activity",
    "/auth/change-email",
    "/auth/change-email/complete",
    "/auth/change-password",
    "/auth/close",
    "/auth/prove",
    "/auth/sessions",
)


@pytest.mark.parametrize("identifier", [EMAIL, "ADA@Example.org", USERNAME, "Ada"])
def test_an_address_or_a_username_logs_in(identifier: str, site: Site, visitor: Visitor) -> None:
    """INP-01: in any spelling."""
    site.visitor().join()
    response = visitor.log_in(identifier)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert visitor.is_logged_in()


def test_d42_the_sentence_comes_after_an_attempt_and_not_before(visitor: Visitor) -> None:
    assert "Invalid" not in visitor.get("/auth/login").text
    response = visitor.log_in(EMAIL, PASSWORD)
    assert response.status_code == 401
    assert "Invalid email, username or password." in response.text
    assert f'value="{EMAIL}"' in response.text
    assert PASSWORD not in response.text
    assert "Invalid" not in visitor.get("/auth/login").text


def test_a_login_leads_to_where_the_visitor_was_going(site: Site, visitor: Visitor) -> None:
    """D32."""
    site.visitor().join()
    response = visitor.get("/auth/activity")
    page = response.headers["Location"]
    assert page == "/auth/login?next=/auth/activity"
    form = visitor.see(page).form("/auth/login")
    assert form.fields["next"] == "/auth/activity"
    wrong = visitor.post("/auth/login", form.fields | {"identifier": EMAIL, "password": "wrong"})
    assert 'value="/auth/activity"' in wrong.text
    response = visitor.post("/auth/login", form.fields | {"identifier": EMAIL, "password": PASSWORD})
    assert response.headers["Location"] == "/auth/activity"


@pytest.mark.parametrize("path", MEMBERS_ONLY)
def test_d32_a_stranger_is_sent_to_the_login_page(path: str, visitor: Visitor) -> None:
    assert visitor.get(path).headers.get("Location") == f"/auth/login?next={path}"


def test_d29_log_out_takes_a_form(ada: Visitor) -> None:
    """CSR-02: no image and no link logs anybody out."""
    assert ada.get("/auth/logout").status_code == 405
    assert ada.is_logged_in()
    response = ada.log_out()
    assert "You have been logged out." in ada.after(response).text
    assert not ada.is_logged_in()


def test_d31_a_copied_cookie_is_worth_nothing_after_log_out(site: Site, ada: Visitor) -> None:
    """SES-02."""
    thief = site.visitor()
    thief.client.set_cookie(SESSION, ada.cookie(SESSION), domain="offbrand.example", secure=True)
    assert thief.is_logged_in()
    ada.log_out()
    assert not thief.is_logged_in()


def test_log_out_twice_is_no_error(ada: Visitor) -> None:
    fields = ada.see("/").form("/auth/logout").fields
    ada.post("/auth/logout", fields)
    fields = ada.see("/auth/login").form("/auth/login").fields
    assert ada.post("/auth/logout", {"csrf_token": fields["csrf_token"]}).status_code == 303


def test_proof_gives_the_session_another_token(site: Site, ada: Visitor) -> None:
    """ASVS 7.2.4: a stolen one ends with it."""
    thief = site.visitor()
    thief.client.set_cookie(SESSION, ada.cookie(SESSION), domain="offbrand.example", secure=True)
    response = ada.submit("/auth/prove?next=/auth/sessions", password=PASSWORD)
    assert response.headers["Location"] == "/auth/sessions"
    assert "Thank you. You can go on now." in ada.after(response).text
    assert ada.is_logged_in()
    assert not thief.is_logged_in()


def test_d43_a_wrong_password_in_a_proof_is_called_that(ada: Visitor) -> None:
    response = ada.submit("/auth/prove", password=OTHER_PASSWORD)
    assert response.status_code == 401
    assert "Invalid password." in response.text
    assert ada.is_logged_in()


def test_ses06_a_session_ends_with_time_whatever_the_browser_keeps(site: Site, ada: Visitor) -> None:
    """Idle for 12 hours, or 24 hours old; a remembered one after 30 days."""
    site.clock.tick(hours=12)
    assert not ada.is_logged_in()
    ada.log_in(remember_me="y")
    site.clock.tick(days=29)
    assert ada.is_logged_in()
    site.clock.tick(days=1)
    assert not ada.is_logged_in()


def test_ses06_visits_do_not_prolong_a_session_for_ever(site: Site, ada: Visitor) -> None:
    """Used all day it is over after 24 hours, also for a browser that keeps its cookie longer than it was told."""
    for _ in range(3):
        site.clock.tick(hours=6)
        assert ada.is_logged_in()
    token = ada.cookie(SESSION)
    site.clock.tick(hours=6)
    ada.client.set_cookie(SESSION, token, domain="offbrand.example", secure=True, max_age=10**9)
    assert not ada.is_logged_in()


def test_ses07_a_token_that_was_rotated_is_simply_unknown(site: Site, ada: Visitor) -> None:
    """A copy dies with the rotation, whoever uses it and however often, and the owner's session lives on."""
    ada.log_out()
    ada.log_in(remember_me="y")
    thief = site.visitor()
    thief.client.set_cookie(SESSION, ada.cookie(SESSION), domain="offbrand.example", secure=True)
    assert [ada.is_logged_in(), thief.is_logged_in(), ada.is_logged_in()] == [True, True, True]
    ada.submit("/auth/prove", password=PASSWORD)
    before = site.stored()
    for _ in range(5):
        assert not thief.is_logged_in()
        assert ada.is_logged_in()
    assert before == site.stored()


def test_a_remembered_session_is_no_fresh_proof(site: Site, ada: Visitor) -> None:
    ada.log_out()
    ada.log_in(remember_me="y")
    site.clock.tick(minutes=10)
    assert "password" in ada.see("/auth/change-email").inputs


def test_d11_too_many_guesses_are_told_to_come_back(site: Site) -> None:
    """THR-01: 429 with Retry-After for the typed name; nobody learns whether it exists."""
    site.visitor().join()
    told = {}
    for name in (USERNAME, "grace"):
        stranger = site.visitor()
        form = stranger.see("/auth/login").form("/auth/login").fields
        answers = [stranger.post("/auth/login", form | {"identifier": name, "password": "x"}) for _ in range(25)]
        told[name] = [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers]
    assert told[USERNAME] == told["grace"]
    assert told[USERNAME][0] == (401, None)
    assert told[USERNAME][-1] == (429, "900")


def test_d53_at_most_one_write_a_minute_remembers_a_visit(site: Site, ada: Visitor) -> None:
    """A page is one query; a file is none."""
    unit_of_work = site.auth.login.unit_of_work
    assert isinstance(unit_of_work, memory.MemoryUnitOfWork)

    def blocks(path: str) -> tuple[int, int]:
        before = unit_of_work.read_blocks, unit_of_work.write_blocks
        ada.get(path)
        return unit_of_work.read_blocks - before[0], unit_of_work.write_blocks - before[1]

    assert blocks("/auth/account") == (1, 0)
    site.clock.tick(seconds=61)
    assert blocks("/auth/static/pages.css") == (0, 0)
    assert blocks("/healthz") == (0, 0)
    assert blocks("/auth/account") == (1, 1)
    assert blocks("/auth/account") == (1, 0)
    assert blocks("/") == (1, 0)


def test_a_stranger_costs_no_query(site: Site, visitor: Visitor) -> None:
    unit_of_work = site.auth.login.unit_of_work
    assert isinstance(unit_of_work, memory.MemoryUnitOfWork)
    before = unit_of_work.read_blocks
    for path in ("/", "/auth/login", "/auth/account", "/nowhere"):
        visitor.get(path)
    assert before == unit_of_work.read_blocks


def test_a_confirmation_ends_the_session_that_the_browser_had(site: Site, ada: Visitor) -> None:
    """No session is left over that nobody has a cookie for."""
    old, others = ada.cookie(SESSION), site.visitor()
    others.register("eve@example.org", "eve")
    ada.confirm("eve@example.org")
    assert "eve" in ada.see("/auth/account").text
    others.client.set_cookie(SESSION, old, domain="offbrand.example", secure=True)
    assert not others.is_logged_in()


def test_a_login_after_a_session_was_over_says_nothing_of_a_log_out(site: Site, ada: Visitor) -> None:
    """The browser still sends its old cookie, which opens nothing any more."""
    site.clock.tick(hours=13)
    assert ada.log_in().status_code == 303
    assert EventKind.LOGGED_OUT not in [event.kind for event in site.auth.audit.after(limit=100)]
    assert ada.is_logged_in()


def test_v744_every_page_of_a_member_offers_log_out(ada: Visitor) -> None:
    """ASVS 7.4.4."""
    for path in ("/", "/auth/account", "/auth/sessions", "/auth/activity", "/auth/close", "/nowhere"):
        assert ada.see(path).form("/auth/logout")


def test_a_post_to_a_page_of_another_path_is_not_web_cached(ada: Visitor) -> None:
    """ASVS 14.2.5: there is no page below a page."""
    assert ada.get("/auth/account/x.css").status_code == 404
    assert ORIGIN not in ada.get("/auth/account").text
