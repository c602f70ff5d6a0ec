"""Landing: a link does nothing by itself, leaves the address bar at once, and works for what was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.domain.letters import LetterKind, LetterState
from tests.integration.web.every_form import NEW_EMAIL
from tests.integration.web.visitor import EMAIL, ORIGIN, OTHER_PASSWORD, PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

LINK = "__Host-offbrand-link"
SCANNERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) SafeLinks/1.0",
    "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
    "Mozilla/5.0 (compatible; GoogleImageProxy; +https://mail.google.com)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "python-requests/2.32",
)


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
    """TOK-12: twenty scanners, then a person, for whom it works; nobody is logged in by looking."""
    path = link(visitor)
    before = site.stored()
    for number in range(20):
        scanner = site.visitor()
        headers = {"User-Agent": SCANNERS[number % len(SCANNERS)]}
        for method in ("GET", "HEAD"):
            scanner.client.open(path, method=method, base_url=ORIGIN, headers=headers, follow_redirects=True)
        assert not scanner.is_logged_in()
    assert before == site.stored()
    visitor.get(path)
    form = visitor.see(_complete(path)).form(_complete(path))
    password = PASSWORD if "confirm" in path else OTHER_PASSWORD
    answer = visitor.post(_complete(path), form.fields | {"password": password, "password2": password})
    assert answer.status_code == 303
    assert before != site.stored()


@pytest.mark.parametrize("first", [0, 1])
def test_tok14_of_two_links_either_works_and_then_neither(first: int, site: Site, visitor: Visitor) -> None:
    """Law L2: a request voids no earlier link, and using one voids all."""
    links = [_reset(visitor)]
    visitor.submit("/auth/reset", email=EMAIL)
    links.append(visitor.link(kind=LetterKind.PASSWORD_RESET))
    assert links[0] != links[1]
    new = {"password": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
    visitor.get(links[first])
    assert visitor.submit("/auth/reset/complete", **new).status_code == 303
    before = site.stored()
    for path in links:
        visitor.get(path)
        assert visitor.get("/auth/reset/complete").status_code == 400
    assert before == site.stored()


def test_tok14_live_links_are_bounded(site: Site, visitor: Visitor) -> None:
    """However often they are asked for; what is beyond the budget is a letter to nobody."""
    visitor.join().log_out()
    for _ in range(30):
        assert visitor.submit("/auth/reset", email=EMAIL).status_code == 303
    site.auth.delivery.deliver(100)
    counts = site.auth.delivery.status().counts
    assert counts[LetterState.WAITING] == 0
    # One of them has confirmed the account.
    assert 1 < counts[LetterState.SENT] < 10


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


@pytest.mark.parametrize(
    ("purpose", "sentence", "page"),
    [
        ("confirm", "Have you confirmed your account already? Then the link has done its work.", "/auth/confirm"),
        ("reset", "Have you set a new password with it already? Then the link has done its work.", "/auth/reset"),
        ("change-email", "If it is still the former one, ask for the change again.", "/auth/change-email"),
        ("undo-email", "you can ask for that letter again.", "/auth/reset"),
    ],
)
def test_whoever_has_a_stale_link_is_told_how_to_go_on(
    purpose: str, sentence: str, page: str, site: Site, visitor: Visitor
) -> None:
    """By the kind of the link alone: the page is the same whatever account it was for, if for any (law L4)."""
    ada = site.visitor().join()
    for browser in (visitor, ada):
        browser.get(f"/auth/{purpose}/stale")
        if purpose == "change-email" and browser is visitor:
            continue  # who is not logged in is sent to the login first
        shown = browser.see(f"/auth/{purpose}/complete")
        assert "A link works once, and only for some time." in shown.text
        assert sentence in shown.text
        assert page in shown.links
        assert ("Go to your account" in shown.text) == (browser is ada)
        assert shown.links.count("/auth/login") == (0 if browser is ada else 2)  # in the bar, too


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


@pytest.mark.parametrize("purpose", ["confirm", "reset", "change-email", "undo-email"])
@pytest.mark.parametrize(
    "kept", ["", "x", "{0}", "{0}:", "{0}:x", "{0}:None", "{0}:..", "{0}:%00", "reset:x:y", "{0}:" + "x" * 4000]
)
def test_tok10_a_cookie_that_holds_no_link_is_refused(purpose: str, kept: str, site: Site, ada: Visitor) -> None:
    before = site.stored()
    ada.client.set_cookie(LINK, kept.format(purpose), domain="offbrand.example", secure=True)
    assert ada.get(f"/auth/{purpose}/complete").status_code == 400
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
