"""Account, activity, sessions, export and closing, as the pages tell them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from offbrand.domain.events import EventKind
from offbrand.domain.values import Username
from offbrand.entrypoints.web import wording
from tests.integration.web.visitor import EMAIL, OTHER_PASSWORD, PASSWORD, USERNAME, json_of, opened

if TYPE_CHECKING:
    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def test_the_account_at_a_glance(ada: Visitor) -> None:
    shown = ada.see("/auth/account").text
    for fact in (USERNAME, EMAIL, "Roles User", "Member since 5 January 2026, 12:00 UTC"):
        assert fact in shown


def test_d54_the_picture_comes_from_a_random_number(site: Site, ada: Visitor) -> None:
    """Same origin, nothing of the address in it, and no two accounts alike."""
    picture = re.compile(r"<svg.*?</svg>")
    own = picture.findall(ada.get("/").text)
    other = picture.findall(site.visitor().join("eve@example.org", "eve").get("/").text)
    assert own
    assert set(own).isdisjoint(other)
    assert own == picture.findall(ada.get("/").text)


def test_the_activity_shows_what_was_somebody_else(site: Site, ada: Visitor) -> None:
    stranger = site.visitor()
    form = stranger.see("/auth/login").form("/auth/login").fields
    stranger.post(
        "/auth/login", form | {"identifier": EMAIL, "password": OTHER_PASSWORD}, headers={"User-Agent": FIREFOX}
    )
    shown = ada.see("/auth/activity").text
    assert "Failed to log in refused Firefox on Linux from 127.0.0.1" in shown
    assert "Confirmed the account" in shown
    assert OTHER_PASSWORD not in shown


def test_what_an_operator_did_is_told_apart(site: Site, ada: Visitor) -> None:
    account = site.auth.directory.show(Username.parse(USERNAME))
    site.auth.roles.grant(account.id, "Moderator", actor="grace")
    shown = ada.see("/auth/activity").text
    assert "Granted a role Moderator by an operator" in shown
    assert "grace" not in shown


def test_a_made_up_browser_is_text(site: Site, ada: Visitor) -> None:
    visitor = site.visitor()
    form = visitor.see("/auth/login").form("/auth/login").fields
    fields = form | {"identifier": EMAIL, "password": PASSWORD}
    visitor.post("/auth/login", fields, headers={"User-Agent": "<script>alert(1)</script>"})
    for path in ("/auth/sessions", "/auth/activity"):
        assert "&lt;script&gt;alert(1)" in ada.get(path).text


def test_every_event_has_its_words() -> None:
    assert set(EventKind) == set(wording.EVENTS)


def test_a_session_is_ended_from_another_browser(site: Site, ada: Visitor) -> None:
    phone = site.visitor()
    phone.log_in(remember_me="y")
    shown = ada.see("/auth/sessions")
    assert "this browser" in shown.text
    assert "kept logged in" in shown.text
    rows = ada.get("/auth/sessions").text.split("<li>")[1:]
    assert len(rows) == 2
    (row,) = (row for row in rows if "kept logged in" in row)
    (form,) = (form for form in shown.forms if form.action.endswith("/end") and form.action in row)
    response = ada.post(form.action, form.fields)
    assert "The session has been ended." in ada.after(response).text
    assert not phone.is_logged_in()
    assert ada.is_logged_in()


def test_a_session_says_when_it_began_and_when_it_was_seen_last(site: Site, ada: Visitor) -> None:
    site.clock.tick(hours=1)
    ada.get("/auth/account")
    told = "Logged in 5 January 2026, 12:00 UTC from 127.0.0.1, last seen 5 January 2026, 13:00 UTC"
    assert told in ada.see("/auth/sessions").text


def test_all_others_are_ended_at_once(site: Site, ada: Visitor) -> None:
    others = [site.visitor(), site.visitor()]
    for other in others:
        other.log_in()
    response = ada.submit("/auth/sessions", "/auth/sessions/end-others")
    assert "You have been logged out everywhere else." in ada.after(response).text
    assert ada.is_logged_in()
    assert not any(other.is_logged_in() for other in others)


@pytest.mark.parametrize("session_id", ["nonsense", "019b8d72-5200-7000-8000-000000000000", "%00"])
def test_aut02_a_session_that_is_not_mine_is_not_there(session_id: str, ada: Visitor) -> None:
    fields = ada.see("/").form("/auth/logout").fields
    assert ada.post(f"/auth/sessions/{session_id}/end", fields).status_code == 404


def test_aut02_another_account_s_session_cannot_be_ended(site: Site, ada: Visitor) -> None:
    eve = site.visitor().join("eve@example.org", "eve")
    (form,) = (form for form in ada.see("/auth/sessions").forms if form.action.endswith("/end"))
    fields = eve.see("/").form("/auth/logout").fields
    assert eve.post(form.action, fields).status_code == 404
    assert ada.is_logged_in()


@pytest.mark.parametrize(
    ("page", "action", "back"),
    [
        ("/auth/sessions", "/end", "/auth/sessions"),
        ("/auth/sessions", "/auth/sessions/end-others", "/auth/sessions"),
        ("/auth/account", "/auth/export", "/auth/account"),
    ],
)
def test_what_touches_security_needs_fresh_proof(page: str, action: str, back: str, site: Site, ada: Visitor) -> None:
    """ASVS 7.5.2: first the password, then back to the page with the button."""
    site.visitor().log_in()
    site.clock.tick(minutes=10)
    before = site.stored()
    form = next(form for form in ada.see(page).forms if form.action.endswith(action))
    response = ada.post(form.action, form.fields)
    assert f"/auth/prove?next={back}" == response.headers["Location"]
    assert before == site.stored()
    prove = ada.see(response.headers["Location"]).form("/auth/prove").fields
    assert back == ada.post("/auth/prove", prove | {"password": PASSWORD}).headers["Location"]
    form = next(form for form in ada.see(page).forms if form.action.endswith(action))
    assert ada.post(form.action, form.fields).status_code in (200, 303)


def test_the_export_is_a_file_with_everything_but_secrets(site: Site, ada: Visitor) -> None:
    response = ada.submit("/auth/account", "/auth/export")
    assert response.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert response.mimetype == "application/json"
    exported = json_of(response)
    assert exported["account"]["email"] == EMAIL
    assert len(exported["sessions"]) == 1
    assert "confirmed" in {event["kind"] for event in exported["events"]}
    for secret in (PASSWORD, "plain$", ada.cookie("__Host-offbrand"), ada.cookie("__Host-offbrand-device")):
        assert secret not in response.text
    assert site.auth.policy.product


def test_a_closed_account_is_closed_everywhere(site: Site, ada: Visitor) -> None:
    """D52."""
    phone = site.visitor()
    phone.log_in()
    assert "After 14 days everything about the account is deleted" in ada.see("/auth/close").text
    response = ada.submit("/auth/close")
    assert "Your account has been closed." in ada.after(response).text
    assert not ada.cookie("__Host-offbrand")
    assert "csrf_token" not in opened(response.headers.getlist("Set-Cookie")[-1].partition("=")[2])
    assert not phone.is_logged_in()
    assert phone.log_in().status_code == 401


def test_closing_asks_for_the_password_when_it_was_typed_long_ago(site: Site, ada: Visitor) -> None:
    site.clock.tick(minutes=10)
    response = ada.submit("/auth/close")
    assert response.status_code == 401
    assert "Please type your password again." in response.text
    assert ada.submit("/auth/close", password=OTHER_PASSWORD).status_code == 401
    assert ada.is_logged_in()
    response = ada.submit("/auth/close", password=PASSWORD)
    assert response.status_code == 303
    assert sum(cookie.startswith("__Host-offbrand=") for cookie in response.headers.getlist("Set-Cookie")) == 1
