"""Registration and confirmation, as the pages tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.domain.errors import InvalidToken
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress, Username
from offbrand.entrypoints import promises
from tests.integration.web.visitor import EMAIL, OTHER_PASSWORD, PASSWORD, USERNAME, Shown, path_of

if TYPE_CHECKING:
    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

COMPLETE = "/auth/confirm/complete"


def test_who_registers_is_sent_to_the_inbox(visitor: Visitor) -> None:
    """D49: the sentence says it once, and the page for how long the link works."""
    response = visitor.register()
    assert response.headers["Location"] == "/auth/unconfirmed"
    shown = visitor.after(response).text
    assert promises.REGISTRATION in shown
    assert "It works for 3 days" in shown
    assert EMAIL not in shown
    assert not visitor.is_logged_in()


def test_d33_a_link_confirms_in_any_browser_and_logs_in_there(site: Site, visitor: Visitor) -> None:
    visitor.register()
    phone = site.visitor()
    phone.get(visitor.link())
    shown = phone.see(COMPLETE).text
    assert USERNAME in shown
    assert EMAIL in shown
    response = phone.submit(COMPLETE, password=PASSWORD)
    assert response.headers["Location"] == "/"
    assert "You have confirmed your account. Thanks!" in phone.after(response).text
    assert phone.is_logged_in()
    assert not visitor.is_logged_in()


def test_a_wrong_password_confirms_nothing(visitor: Visitor) -> None:
    visitor.register()
    response = visitor.confirm(password=OTHER_PASSWORD)
    assert response.status_code == 401
    assert "Invalid password." in response.text
    assert OTHER_PASSWORD not in response.text
    assert not visitor.is_logged_in()


def test_d7_whose_mailbox_it_is_decides(site: Site, visitor: Visitor) -> None:
    """PRE-01: what a stranger chose is shown, never prefilled, and gone; the stranger gets in nowhere."""
    stranger = site.visitor()
    stranger.register(EMAIL, "mallory", PASSWORD)
    visitor.get(visitor.link())
    page = visitor.see(COMPLETE)
    assert "mallory" in page.text
    assert page.inputs["username"]["value"] == ""
    fields = {"username": USERNAME, "new_password": OTHER_PASSWORD, "new_password2": OTHER_PASSWORD}
    assert visitor.submit(COMPLETE, **dict(sorted(fields.items()))).status_code == 303
    assert f"Hello, {USERNAME}!" in visitor.see("/").text
    assert stranger.log_in(EMAIL, PASSWORD).status_code == 401
    assert stranger.log_in("mallory", PASSWORD).status_code == 401


def test_d7_not_me_deletes_the_registration(site: Site, visitor: Visitor) -> None:
    site.visitor().register(EMAIL, "mallory", PASSWORD)
    path = visitor.link()
    visitor.get(path)
    response = visitor.submit(COMPLETE, "/auth/confirm/discard")
    assert "The registration has been discarded." in visitor.after(response).text
    assert visitor.get(COMPLETE).status_code == 400
    visitor.get(path)
    assert visitor.get(COMPLETE).status_code == 400


def test_both_forms_of_the_page_keep_to_themselves(visitor: Visitor) -> None:
    """A refusal opens the form that it is about."""
    visitor.register()
    visitor.get(visitor.link())
    response = visitor.submit(COMPLETE, new_password="short", new_password2="short", username="countess")
    assert response.status_code == 422
    assert '<details class="ob-card ob-fold" open>' in response.text
    assert "It needs at least 15 characters" in response.text
    assert Shown(response).inputs["username"]["value"] == "countess"
    assert '<details class="ob-card ob-fold">' in visitor.submit(COMPLETE, password="wrong").text


def test_the_loser_of_a_username_may_choose_another(site: Site, visitor: Visitor) -> None:
    """D19: 409 and another choice, not 500."""
    visitor.register("first@example.org", USERNAME)
    site.visitor().join("second@example.org", USERNAME)
    response = visitor.confirm("first@example.org")
    assert response.status_code == 409
    assert "Username already in use." in response.text
    fields = {"new_password": PASSWORD, "new_password2": PASSWORD, "username": "another"}
    assert visitor.submit(COMPLETE, **fields).status_code == 303


def test_who_is_invited_chooses_name_and_password(site: Site, visitor: Visitor) -> None:
    site.auth.invitation.invite(EmailAddress.parse(EMAIL), Username.parse("ada.invited"), actor="test")
    visitor.get(path_of(site.mailbox.newest(EmailAddress.parse(EMAIL))))
    page = visitor.see(COMPLETE)
    assert "You have been invited." in page.text
    assert "password" not in page.inputs
    fields = {"new_password": PASSWORD, "new_password2": PASSWORD, "username": USERNAME}
    assert visitor.submit(COMPLETE, **fields).status_code == 303
    assert visitor.is_logged_in()


@pytest.mark.parametrize("page", ["/auth/confirm", "/auth/unconfirmed"])
def test_d34_a_lost_letter_is_sent_again(page: str, visitor: Visitor) -> None:
    visitor.register()
    first = visitor.link()
    response = visitor.submit(page, "/auth/confirm", email=EMAIL)
    assert promises.CONFIRMATION in visitor.after(response).text
    assert first != visitor.link()
    assert visitor.confirm().status_code == 303


def test_d30_asking_for_the_page_sends_no_letter(site: Site, visitor: Visitor) -> None:
    visitor.register()
    before = site.stored()
    visitor.get("/auth/confirm")
    visitor.get("/auth/unconfirmed")
    assert before == site.stored()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "nowhere", "That is not an email address."),
        ("email", "a" * 250 + "@example.org", "Email addresses have at most 254 characters."),
        ("email", "ada@example.org\nBcc: eve@example.org", "That is not an email address."),
        ("username", "1ada", "Usernames begin with a letter"),
        ("username", "ada\n", "Usernames begin with a letter"),
        ("username", "a" * 65, "Usernames have at most 64 characters."),
        ("username", "admin", "This username is reserved."),
        ("username", "<b>ada</b>", "Usernames begin with a letter"),
    ],
    ids=range(8),
)
def test_what_cannot_be_is_told_beside_its_field(field: str, value: str, sentence: str, visitor: Visitor) -> None:
    """INP-04, INP-11, D26, D27; what was typed is shown again as text and never as markup."""
    response = visitor.register(**{field: value})
    assert response.status_code == 422
    assert sentence in response.text
    assert "<b>ada" not in response.text


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("fourteen chars", "It needs at least 15 characters"),
        ("correct horse battery staple", "It is too easy to guess"),
        ("x" * 257, "Passwords have at most 256 characters."),
    ],
)
def test_d13_a_weak_password_is_refused_with_the_reason(password: str, sentence: str, visitor: Visitor) -> None:
    """NIST SP 800-63B-4, 3.1.1.2."""
    response = visitor.register(password=password)
    assert response.status_code == 422
    assert sentence in response.text
    assert password not in response.text


def test_inp10_what_looks_like_a_template_is_text(visitor: Visitor) -> None:
    response = visitor.submit("/auth/login", identifier="{{7*7}}' OR 1=1--%(x)s{0.__class__}", password="x")
    assert response.status_code == 401
    assert "{{7*7}}&#39; OR 1=1--%(x)s{0.__class__}" in response.text


@pytest.mark.parametrize("path", ["/auth/register", "/auth/login", "/auth/unconfirmed"])
def test_d38_who_is_logged_in_is_told_so(path: str, ada: Visitor) -> None:
    shown = ada.after(ada.get(path)).text
    assert "You are already logged in." in shown
    assert f"Hello, {USERNAME}!" in shown


def test_d38_a_form_for_strangers_does_nothing_for_a_member(site: Site, ada: Visitor) -> None:
    before = site.stored()
    token = ada.see("/").form("/auth/logout").fields
    fields = token | {"email": "x@example.org", "username": "x", "password": PASSWORD, "password2": PASSWORD}
    assert ada.post("/auth/register", fields).headers["Location"] == "/"
    assert before == site.stored()


def test_an_expired_registration_confirms_nothing(site: Site, visitor: Visitor) -> None:
    visitor.register()
    token = site.mailbox.token(EmailAddress.parse(EMAIL), LetterKind.CONFIRMATION)
    visitor.get(visitor.link())
    site.clock.tick(days=3)
    response = visitor.get(COMPLETE)
    assert response.status_code == 400
    assert InvalidToken.code not in response.text
    assert token.reveal() not in response.text
    assert 'href="/auth/confirm"' in response.text
