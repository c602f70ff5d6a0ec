"""Password reset and password change, as the pages tell them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress
from offbrand.entrypoints import promises
from tests.integration.web.visitor import EMAIL, OTHER_PASSWORD, PASSWORD, USERNAME

if TYPE_CHECKING:
    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

RESET = "/auth/reset/complete"
BOTH = {"password": OTHER_PASSWORD, "password2": OTHER_PASSWORD}


def _ask(visitor: Visitor) -> str:
    visitor.submit("/auth/reset", email=EMAIL)
    return visitor.link(kind=LetterKind.PASSWORD_RESET)


def test_a_forgotten_password_is_reset_by_letter(site: Site, visitor: Visitor) -> None:
    site.visitor().join()
    response = visitor.submit("/auth/reset", email=EMAIL)
    assert response.headers["Location"] == "/auth/login"
    assert promises.PASSWORD_RESET in visitor.after(response).text
    visitor.get(visitor.link(kind=LetterKind.PASSWORD_RESET))
    shown = visitor.see(RESET).text
    assert USERNAME in shown
    assert EMAIL in shown
    response = visitor.submit(RESET, **BOTH)
    assert response.headers["Location"] == "/auth/login"
    assert "Your password has been updated." in visitor.after(response).text
    assert not visitor.is_logged_in()
    assert visitor.log_in(password=OTHER_PASSWORD).status_code == 303


def test_nobody_is_told_that_a_letter_was_sent_where_none_was(site: Site, visitor: Visitor) -> None:
    for path in ("/auth/reset", "/auth/confirm"):
        shown = visitor.after(visitor.submit(path, email="nobody@example.org")).text
        assert re.search(r"If .* a letter is on its way\.", shown)
        assert "sent to you" not in shown
    assert not site.mailbox.of(EmailAddress.parse("nobody@example.org"))


def test_d38_a_reset_can_be_asked_for_while_logged_in(site: Site, ada: Visitor) -> None:
    """Letters that tell of a danger lead there, and so does the page for whoever has forgotten the old password."""
    assert "/auth/reset" in ada.see("/auth/change-password").links
    assert "/auth/login" not in ada.see("/auth/reset").links
    response = ada.submit("/auth/reset", email=EMAIL)
    assert response.headers["Location"] == "/auth/account"
    shown = ada.after(response).text
    assert promises.PASSWORD_RESET in shown
    assert "already logged in" not in shown
    ada.get(ada.link(kind=LetterKind.PASSWORD_RESET))
    response = ada.submit(RESET, **BOTH)
    assert response.headers["Location"] == "/auth/login"
    assert "Your password has been updated." in ada.after(response).text
    assert not ada.is_logged_in()
    assert site.visitor().log_in(password=OTHER_PASSWORD).status_code == 303


def test_d6_a_reset_ends_every_session(site: Site, ada: Visitor) -> None:
    """SES-04."""
    phone = site.visitor()
    phone.log_in(remember_me="y")
    mailbox_owner = site.visitor()
    mailbox_owner.get(_ask(mailbox_owner))
    mailbox_owner.submit(RESET, **BOTH)
    assert not ada.is_logged_in()
    assert not phone.is_logged_in()


def test_d5_using_one_link_voids_the_others(ada: Visitor) -> None:
    ada.log_out()
    first, second = _ask(ada), _ask(ada)
    assert first != second
    ada.get(second)
    ada.submit(RESET, **BOTH)
    ada.get(first)
    assert ada.get(RESET).status_code == 400


@pytest.mark.parametrize(
    ("passwords", "sentence"),
    [
        (("short", "short"), "It needs at least 15 characters"),
        (("correct horse battery staple",) * 2, "It is too easy to guess"),
        ((OTHER_PASSWORD, PASSWORD), "Passwords must match."),
    ],
)
def test_d13_a_refused_password_does_not_spend_the_link(
    passwords: tuple[str, str], sentence: str, ada: Visitor
) -> None:
    ada.log_out()
    ada.get(_ask(ada))
    response = ada.submit(RESET, password=passwords[0], password2=passwords[1])
    assert response.status_code == 422
    assert sentence in response.text
    assert ada.submit(RESET, **BOTH).status_code == 303


def test_a_reset_makes_the_browser_a_known_one(site: Site, ada: Visitor) -> None:
    """Law L8: whoever holds the mailbox gets in, though somebody else has spent all guesses."""
    ada.log_out()
    owner = site.visitor()
    owner.get(_ask(owner))
    owner.submit(RESET, **BOTH)
    stranger = site.visitor()
    form = stranger.see("/auth/login").form("/auth/login").fields
    for _ in range(30):
        stranger.post("/auth/login", form | {"identifier": EMAIL, "password": "x"})
    assert stranger.log_in(password=OTHER_PASSWORD).status_code == 429
    assert owner.log_in(password=OTHER_PASSWORD).status_code == 303


def test_d6_a_changed_password_ends_the_other_sessions(site: Site, ada: Visitor) -> None:
    """SES-03: this browser goes on under another token."""
    phone, thief = site.visitor(), site.visitor()
    phone.log_in(remember_me="y")
    old = ada.cookie("__Host-offbrand")
    response = ada.submit("/auth/change-password", old_password=PASSWORD, **BOTH)
    assert response.headers["Location"] == "/auth/account"
    assert "Your password has been updated." in ada.after(response).text
    assert ada.is_logged_in()
    assert not phone.is_logged_in()
    thief.client.set_cookie("__Host-offbrand", old, domain="offbrand.example", secure=True)
    assert not thief.is_logged_in()
    assert site.mailbox.newest(EmailAddress.parse(EMAIL)).kind == LetterKind.PASSWORD_CHANGED


def test_a_change_needs_the_old_password(ada: Visitor) -> None:
    response = ada.submit("/auth/change-password", old_password=OTHER_PASSWORD, **BOTH)
    assert response.status_code == 401
    assert '<p class="ob-wrong" id="old_password-wrong">Invalid password.</p>' in response.text
    ada.log_out()
    assert ada.log_in().status_code == 303


def test_a_weak_new_password_is_told_beside_it(ada: Visitor) -> None:
    response = ada.submit("/auth/change-password", old_password=PASSWORD, password="short", password2="short")
    assert response.status_code == 422
    assert 'id="password-wrong">Please choose another password.' in response.text


def test_d28_a_password_is_the_same_from_any_keyboard(visitor: Visitor) -> None:
    """NFC, and nothing else: no trimming."""
    visitor.join(password="  e\u0301tage, escalier, ardoise ")
    visitor.log_out()
    assert visitor.log_in(password="\u00e9tage, escalier, ardoise").status_code == 401
    assert visitor.log_in(password="  \u00e9tage, escalier, ardoise ").status_code == 303
