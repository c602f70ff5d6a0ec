"""Landing: a link does nothing by itself, leaves the address bar at once, and works for what was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.domain.letters import LetterKind
from tests.integration.web.every_form import NEW_EMAIL
from tests.integration.web.visitor import EMAIL, OTHER_PASSWORD, PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

LINK = "__Host-offbrand-link"


def _confirmation(visitor: Visitor) -> str:
    visitor.register()
    return visitor.link(kind=LetterKind.CONFIRMATION)


def _reset(visitor: Visitor) -> str:
    visitor.join().log_out()
    visitor.submit("/auth/reset", email=EMAIL)
    return visitor.link(kind=LetterKind.PASSWORD_RESET)


def _change(visitor: Visitor) -> str:
    visitor.join().submit("/auth/change-email", email=NEW_EMAIL)
    return visitor.link(NEW_EMAIL, LetterKind.EMAIL_CHANGE)


def _undo(visitor: Visitor) -> str:
    visitor.get(_change(visitor))
    visitor.submit("/auth/change-email/complete")
    return visitor.link(EMAIL, LetterKind.EMAIL_CHANGED)


every_link = pytest.mark.parametrize("link", [_confirmation, _reset, _change, _undo])


@every_link
def test_d30_following_a_link_changes_nothing(link: Callable[[Visitor], str], site: Site, visitor: Visitor) -> None:
    """TOK-12: twenty scanners, then a person; nobody is logged in by that."""
    path = link(visitor)
    before = site.stored()
    for _ in range(20):
        scanner = site.visitor()
        for method in ("GET", "HEAD"):
            scanner.client.open(path, method=method, base_url="https://offbrand.example", follow_redirects=True)
        assert not scanner.is_logged_in()
    assert before == site.stored()
    visitor.get(path)
    assert visitor.get(_complete(path)).status_code == 200


@every_link
def test_d12_the_token_leaves_the_address_at_once(link: Callable[[Visitor], str], visitor: Visitor) -> None:
    """ASVS 14.2.1: it goes into a cookie; no page and no address shows it again."""
    path = link(visitor)
    token = path.rpartition("/")[2]
    response = visitor.get(path)
    assert (303, _complete(path)) == (response.status_code, response.headers["Location"])
    assert token not in response.text
    assert token in visitor.cookie(LINK)
    assert token not in visitor.get(_complete(path)).text


@every_link
def test_d43_a_link_is_checked_before_anybody_types(
    link: Callable[[Visitor], str], site: Site, visitor: Visitor
) -> None:
    path = link(visitor)
    visitor.get(path)
    site.clock.tick(days=8)
    visitor.log_in()
    response = visitor.get(_complete(path))
    assert response.status_code == 400
    assert "This link is invalid or has expired." in response.text
    assert not [form for form in visitor.see(_complete(path)).forms if form.action == _complete(path)]


@every_link
def test_tok02_a_link_works_for_its_own_page_only(link: Callable[[Visitor], str], site: Site, visitor: Visitor) -> None:
    path = link(visitor)
    before = site.stored()
    _, _, own, token = path.split("/")
    for purpose in {"confirm", "reset", "change-email", "undo-email"} - {own}:
        for followed in (f"/auth/{purpose}/{token}", path):
            visitor.get(followed)
            response = visitor.get(f"/auth/{purpose}/complete")
            # Who is not logged in is not even told that the link is wrong.
            assert response.status_code == 400 or response.headers["Location"].startswith("/auth/login?")
    assert before == site.stored()


@every_link
@pytest.mark.parametrize("field", [{}, {"link": ""}, {"link": "0" * 64}, {"link": "\u00e9"}])
def test_a_button_works_for_the_link_that_was_looked_at(
    link: Callable[[Visitor], str], field: dict[str, str], site: Site, visitor: Visitor
) -> None:
    """A link followed meanwhile in another tab is not used by the button of the first one."""
    path = link(visitor)
    visitor.get(path)
    form = visitor.see(_complete(path)).form(_complete(path))
    before = site.stored()
    del form.fields["link"]
    fields = {"password": PASSWORD, "password2": PASSWORD}
    response = visitor.post(_complete(path), form.fields | fields | field)
    assert response.status_code == 400
    assert "This link is invalid or has expired." in response.text
    assert before == site.stored()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("/auth/confirm/complete", {"password": PASSWORD}),
        ("/auth/confirm/complete", {"new_password": "x", "new_password2": "x", "username": "x"}),
        ("/auth/confirm/complete", {}),
        ("/auth/confirm/discard", {}),
        ("/auth/reset/complete", {}),
        ("/auth/undo-email/complete", {}),
    ],
)
def test_a_form_that_names_no_link_uses_none(
    action: str, fields: dict[str, str], accept: str, site: Site, visitor: Visitor
) -> None:
    visitor.get(_confirmation(visitor))
    before = site.stored()
    token = visitor.see("/auth/login").form("/auth/login").fields["csrf_token"]
    response = visitor.post(action, {"csrf_token": token, **fields}, headers={"Accept": accept})
    assert response.status_code in (400, 422)
    assert before == site.stored()


@pytest.mark.parametrize("purpose", ["confirm", "reset", "change-email", "undo-email"])
@pytest.mark.parametrize(
    "token",
    [
        "x",
        "%20",
        "%00",
        "a%0Ab",
        "None",
        "null",
        "0",
        "[]",
        "x" * 1024,
        "x" * 1025,
        "x" * 10_000,
        "%FF%FE",
        "..%2F",
        "\u20ac",
    ],
    ids=lambda token: f"{token[:6]}-{len(token)}",
)
def test_tok10_what_is_no_link_is_refused(purpose: str, token: str, site: Site, ada: Visitor) -> None:
    """No 500, no match, nothing stored."""
    before = site.stored()
    response = ada.get(f"/auth/{purpose}/{token}")
    assert response.status_code in (303, 400, 404)
    if response.status_code == 303:
        assert ada.get(response.headers["Location"]).status_code == 400
    assert before == site.stored()


@every_link
def test_tok03_a_used_link_is_refused(link: Callable[[Visitor], str], site: Site, visitor: Visitor) -> None:
    """D4: in this browser and in another."""
    path = link(visitor)
    visitor.get(path)
    fields = {"/auth/confirm/complete": {"password": PASSWORD}}.get(
        _complete(path), {"password": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
    )
    form = visitor.see(_complete(path)).form(_complete(path))
    assert visitor.post(_complete(path), form.fields | fields).status_code == 303
    assert not visitor.cookie(LINK)
    for browser in (visitor, site.visitor()):
        browser.get(path)
        if not browser.is_logged_in():
            browser.log_in(USERNAME, OTHER_PASSWORD if "reset" in path else PASSWORD)
        assert browser.get(_complete(path)).status_code == 400


def _complete(path: str) -> str:
    return path.rpartition("/")[0] + "/complete"
