"""Access: every role at every route with every method; who is nobody, or nobody any more, gets into nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask

from offbrand.domain.values import Username
from tests.integration.web.every_route import EVERY_ROUTE, Route
from tests.integration.web.test_guards import host_of
from tests.integration.web.visitor import EMAIL, USERNAME, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.integration.web.conftest import Site

JSON = {"Accept": "application/json"}


def anonymous(site: Site) -> Visitor:
    return site.visitor()


def pending(site: Site) -> Visitor:
    visitor = site.visitor()
    visitor.register()
    return visitor


def user(site: Site) -> Visitor:
    return site.visitor().join()


def moderator(site: Site) -> Visitor:
    return _joined_as(site, "Moderator")


def administrator(site: Site) -> Visitor:
    return _joined_as(site, "Administrator")


def disabled(site: Site) -> Visitor:
    """An administrator, until a moment ago."""
    visitor = administrator(site)
    site.auth.administration.disable(site.auth.directory.show(Username.parse(USERNAME)).id, actor="test")
    return visitor


NOBODY = (anonymous, pending, disabled)
MEMBERS = (user, moderator, administrator)
every_role = pytest.mark.parametrize("role", [*NOBODY, *MEMBERS], ids=lambda role: role.__name__)


@every_role
@pytest.mark.parametrize("route", EVERY_ROUTE, ids=lambda route: route.endpoint)
def test_aut01_a_route_is_open_to_whom_it_should_be(role: Callable[[Site], Visitor], route: Route, site: Site) -> None:
    """AUT-01; moderators and administrators are members here, and no more than that."""
    visitor = role(site)
    token = {"csrf_token": visitor.see("/auth/reset").form("/auth/reset").fields["csrf_token"]}
    for method in route.methods.split():
        response = visitor.post(route.path, token, headers=JSON) if method == "POST" else _get(visitor, route.path)
        turned_away = response.status_code == 401 and (response.json or {})["code"] == "not_logged_in"
        sent_home = response.status_code == 303 and response.headers["Location"] == "/"
        assert turned_away == (route.whom == "members" and role in NOBODY), response.text
        if route.whom == "strangers":
            assert sent_home == (role in MEMBERS)
        if turned_away:
            assert EMAIL not in response.text
            assert USERNAME not in response.text.replace("loaded", "")
        if role in MEMBERS and not visitor.is_logged_in():
            visitor.log_in()


HOST = {
    "/open": (anonymous, pending, disabled, user, moderator, administrator),
    "/members": (user, moderator, administrator),
    "/fresh": (user, moderator, administrator),
    "/moderators": (moderator, administrator),
    "/admins": (administrator,),
}


@every_role
@pytest.mark.parametrize("path", HOST)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_aut01_a_host_s_guards_open_to_whom_they_should(
    role: Callable[[Site], Visitor], path: str, method: str
) -> None:
    """A view's guard holds for each of its methods."""
    site = host_of(Flask("host"))
    visitor = role(site)
    response = visitor.client.open(path, method=method, base_url="https://offbrand.example", headers=JSON)
    if method == "POST" and path in ("/open", "/moderators", "/admins"):
        assert response.status_code == 405
    elif role in HOST[path]:
        assert response.status_code == 200
    else:
        assert response.status_code == (403 if role in MEMBERS else 401)
        assert path.strip("/") not in response.text


def test_aut02_what_is_somebody_else_s_is_answered_like_what_is_not_there(site: Site) -> None:
    """AUT-02: no status, header or word tells that a session of that id exists."""
    ada, eve = user(site), site.visitor().join("eve@example.org", "eve")
    (form,) = (form for form in ada.see("/auth/sessions").forms if form.action.endswith("/end"))
    fields = eve.see("/").form("/auth/logout").fields
    unknown = "/auth/sessions/019b8d72-5200-7000-8000-000000000000/end"
    answers = [eve.post(action, fields) for action in (form.action, unknown)]
    assert answers[0].status_code == 404
    assert answers[0].text == answers[1].text
    assert list(answers[0].headers) == list(answers[1].headers)
    assert ada.is_logged_in()


def _get(visitor: Visitor, path: str) -> TestResponse:
    return visitor.get(path, headers=JSON)


def _joined_as(site: Site, role: str) -> Visitor:
    visitor = user(site)
    site.auth.roles.grant(site.auth.directory.show(Username.parse(USERNAME)).id, role, actor="test")
    return visitor
