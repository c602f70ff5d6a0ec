"""Email change: from the request to the undo, as the pages tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress
from offbrand.entrypoints import promises
from tests.integration.web.every_form import NEW_EMAIL
from tests.integration.web.visitor import EMAIL, OTHER_PASSWORD, PASSWORD, Visitor

if TYPE_CHECKING:
    from tests.integration.web.conftest import Site

CHANGE = "/auth/change-email/complete"
UNDO = "/auth/undo-email/complete"


def _ask(visitor: Visitor, email: str = NEW_EMAIL) -> str:
    visitor.submit("/auth/change-email", email=email)
    return visitor.link(email, LetterKind.EMAIL_CHANGE)


@pytest.fixture
def moved(ada: Visitor) -> Visitor:
    """Somebody whose address was changed a moment ago."""
    ada.get(_ask(ada))
    ada.submit(CHANGE)
    return ada


def test_the_new_mailbox_proves_itself(ada: Visitor) -> None:
    response = ada.submit("/auth/change-email", email=NEW_EMAIL)
    assert response.headers["Location"] == "/auth/account"
    shown = ada.after(response).text
    assert promises.EMAIL_CHANGE in shown
    assert NEW_EMAIL not in shown
    ada.get(ada.link(NEW_EMAIL, LetterKind.EMAIL_CHANGE))
    shown = ada.see(CHANGE).text
    assert EMAIL in shown
    assert NEW_EMAIL in shown
    response = ada.submit(CHANGE)
    shown = ada.after(response).text
    assert "Your email address has been updated." in shown
    assert f"Email address {NEW_EMAIL}" in shown
    assert f"Former address {EMAIL}" in shown


def test_after_ten_minutes_the_form_asks_for_the_password(site: Site, ada: Visitor) -> None:
    assert "password" not in ada.see("/auth/change-email").inputs
    site.clock.tick(minutes=10)
    response = ada.submit("/auth/change-email", email=NEW_EMAIL)
    assert response.status_code == 401
    assert "Please type your password again." in response.text
    assert f'value="{NEW_EMAIL}"' in response.text
    wrong = ada.submit("/auth/change-email", email=NEW_EMAIL, password=OTHER_PASSWORD)
    assert wrong.status_code == 401
    assert "Invalid password." in wrong.text
    assert ada.submit("/auth/change-email", email=NEW_EMAIL, password=PASSWORD).status_code == 303
    assert ada.is_logged_in()


def test_a_proof_outlives_the_refusal_of_what_it_was_for(site: Site, ada: Visitor) -> None:
    """The session has another token by then, and a browser that did not get it would be logged out."""
    site.clock.tick(minutes=10)
    response = ada.submit("/auth/change-email", email=EMAIL, password=PASSWORD)
    assert response.status_code == 422
    assert "That is your email address already." in response.text
    assert 'name="password"' not in response.text
    assert ada.is_logged_in()
    assert "password" not in ada.see("/auth/change-email").inputs


def test_a_link_opened_elsewhere_leads_through_the_login(site: Site, ada: Visitor) -> None:
    """D33: not a dead end."""
    path = _ask(ada)
    phone = site.visitor()
    assert phone.get(path).headers["Location"] == CHANGE
    response = phone.get(CHANGE)
    assert f"/auth/login?next={CHANGE}" == response.headers["Location"]
    fields = phone.see(response.headers["Location"]).form("/auth/login").fields
    response = phone.post("/auth/login", fields | {"identifier": EMAIL, "password": PASSWORD})
    assert response.headers["Location"] == CHANGE
    assert phone.submit(CHANGE).status_code == 303
    assert not ada.is_logged_in()


def test_a_link_shows_nothing_of_one_account_to_another(site: Site, ada: Visitor) -> None:
    """AUT-02."""
    path = _ask(ada)
    eve = site.visitor().join("eve@example.org", "eve")
    eve.get(path)
    response = eve.get(CHANGE)
    assert response.status_code == 400
    assert EMAIL not in response.text
    assert NEW_EMAIL not in response.text
    ada.get(path)
    form = ada.see(CHANGE).form(CHANGE)
    token = eve.see("/").form("/auth/logout").fields["csrf_token"]
    assert eve.post(CHANGE, form.fields | {"csrf_token": token}).status_code == 400


def test_d16_d20_an_address_that_was_claimed_meanwhile_is_refused(site: Site, ada: Visitor) -> None:
    path = _ask(ada)
    site.visitor().join(NEW_EMAIL, "another")
    ada.get(path)
    response = ada.submit(CHANGE)
    assert response.status_code == 409
    assert "This email address already belongs to an account." in response.text


def test_the_former_mailbox_takes_the_account_back(site: Site, moved: Visitor) -> None:
    """D47: the page says what happens, and for how long the mailbox keeps this power."""
    owner = site.visitor()
    owner.get(moved.link(EMAIL, LetterKind.EMAIL_CHANGED))
    shown = owner.see(UNDO).text
    assert f"the address becomes {EMAIL} again" in shown
    assert "keeps this power for 7 days after the change, until 12 January 2026" in shown
    assert NEW_EMAIL not in shown
    response = owner.submit(UNDO)
    assert response.headers["Location"] == "/auth/login"
    assert "Your email address is the former one again." in owner.after(response).text
    assert not owner.is_logged_in()
    assert not moved.is_logged_in()
    assert moved.log_in(password=PASSWORD).status_code == 401
    owner.get(owner.link(EMAIL, LetterKind.EMAIL_RESTORED))
    assert owner.submit("/auth/reset/complete", password=OTHER_PASSWORD, password2=OTHER_PASSWORD).status_code == 303
    assert owner.log_in(EMAIL, OTHER_PASSWORD).status_code == 303


def test_d21_an_old_link_does_not_move_the_account_again(site: Site, ada: Visitor) -> None:
    path = _ask(ada)
    ada.get(path)
    ada.submit(CHANGE)
    site.clock.tick(days=7)
    ada.log_in(NEW_EMAIL)
    ada.get(_ask(ada, EMAIL))
    assert ada.submit(CHANGE).status_code == 303
    ada.get(path)
    assert ada.get(CHANGE).status_code == 400


def test_while_the_undo_lives_the_address_stays(moved: Visitor) -> None:
    """Whoever has the form open since before is refused."""
    token = moved.see("/").form("/auth/logout").fields["csrf_token"]
    response = moved.post("/auth/change-email", {"csrf_token": token, "email": "third@example.org"})
    assert response.status_code == 409
    assert "so this has to wait" in response.text
    response = moved.post("/auth/close", {"csrf_token": token})
    assert response.status_code == 409
    assert "so this has to wait" in response.text
    assert moved.is_logged_in()


@pytest.mark.parametrize("path", ["/auth/change-email", "/auth/close"])
def test_while_the_undo_lives_a_page_says_until_when_instead_of_offering_what_it_refuses(
    path: str, site: Site, moved: Visitor
) -> None:
    shown = moved.see(path)
    assert f"{EMAIL} can still undo it, so this has to wait until 12 January 2026, 12:00 UTC." in shown.text
    assert path not in [form.action for form in shown.forms]
    assert "everything about the account is deleted" not in shown.text
    site.clock.tick(days=7)
    moved.log_in(NEW_EMAIL)
    shown = moved.see(path)
    assert "has to wait" not in shown.text
    assert shown.form(path)


def test_the_account_page_names_the_former_address_while_it_can_undo(site: Site, moved: Visitor) -> None:
    assert f"Former address {EMAIL}; it can undo the change until 12 January 2026" in moved.see("/auth/account").text
    site.clock.tick(days=7)
    moved.log_in(NEW_EMAIL)
    assert "Former address" not in moved.see("/auth/account").text


def test_d5_after_a_change_the_old_mailbox_resets_nothing(site: Site, ada: Visitor) -> None:
    change = _ask(ada)
    stranger = site.visitor()
    stranger.submit("/auth/reset", email=EMAIL)
    reset = stranger.link(EMAIL, LetterKind.PASSWORD_RESET)
    ada.get(change)
    ada.submit(CHANGE)
    stranger.get(reset)
    assert stranger.get("/auth/reset/complete").status_code == 400
    count = len(site.mailbox.of(EmailAddress.parse(EMAIL)))
    stranger.submit("/auth/reset", email=EMAIL)
    assert count == len(site.mailbox.of(EmailAddress.parse(EMAIL)))
