"""Methods: every route with every method, those that nobody has heard of included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.web.every_form import EVERY_FORM, Case
from tests.integration.web.every_route import EVERY_ROUTE, Route, routes_of
from tests.integration.web.visitor import ORIGIN

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

METHODS = (
    *("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "MKCOL", "QUERY"),
    *("DEBUG", "NONSENSE", "G3T", "X" * 200),
)
_OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
every_route = pytest.mark.parametrize("route", EVERY_ROUTE, ids=lambda route: route.endpoint)
every_form = pytest.mark.parametrize("case", EVERY_FORM, ids=lambda case: f"{case.endpoint}-{'-'.join(case.fields)}")


def test_every_route_is_here(site: Site) -> None:
    """DESIGN 6: what is not in the table must not be there, and nothing else may be asked of what is."""
    assert routes_of(site.app) == {route.endpoint: route.allowed for route in EVERY_ROUTE}
    adapter = site.app.url_map.bind("offbrand.example")
    for route in EVERY_ROUTE:
        assert adapter.match(route.path, method=route.methods.split()[0])[0] == route.endpoint


@every_route
@pytest.mark.parametrize("is_member", [False, True])
def test_a_route_answers_its_own_methods_only(
    route: Route,
    is_member: bool,  # noqa: FBT001 - a parameter
    site: Site,
    visitor: Visitor,
) -> None:
    """And none but a form that comes from our own page changes anything."""
    if is_member:
        visitor.join()
    before = site.stored()
    for method in METHODS:
        response = _ask(visitor, method, route.path)
        assert (response.status_code == 405) == (method not in _answered(route)), method
        assert response.status_code < 500
        if response.status_code == 405:
            assert set(response.headers["Allow"].split(", ")) == _answered(route)
            assert method not in response.text
    assert before == site.stored()


@every_route
@pytest.mark.parametrize("is_member", [False, True])
def test_head_is_get_without_its_body(route: Route, is_member: bool, visitor: Visitor) -> None:  # noqa: FBT001 - as above
    if is_member:
        visitor.join()
    visitor.get("/auth/reset")
    asked, told = _ask(visitor, "GET", route.path), _ask(visitor, "HEAD", route.path)
    assert told.data == b""
    assert (told.status_code, _lasting(told)) == (asked.status_code, _lasting(asked))


@every_route
def test_options_tells_methods_and_nothing_else(route: Route, visitor: Visitor) -> None:
    """No other origin is invited, whatever it asks."""
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    response = visitor.client.options(route.path, base_url=ORIGIN, headers=headers)
    assert (response.status_code, response.data) == (200, b"")
    assert set(response.headers["Allow"].split(", ")) == _answered(route)
    assert not [name for name in response.headers if name[0].startswith("Access-Control")]
    assert "Set-Cookie" not in response.headers


@every_form
def test_csr02_no_form_is_sent_by_another_method(case: Case, site: Site, visitor: Visitor) -> None:
    """Its fields in an address do nothing, and no header makes a POST of a GET."""
    form = case.filled(visitor)
    before = site.stored()
    for headers in ({}, dict.fromkeys(_OVERRIDES, "POST")):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            fields = form.fields | case.optional | {"_method": "POST"}
            visitor.client.open(form.action, method=method, base_url=ORIGIN, query_string=fields, headers=headers)
    assert before == site.stored()


def _ask(visitor: Visitor, method: str, path: str) -> TestResponse:
    return visitor.client.open(path, method=method, base_url=ORIGIN, buffered=True)


def _answered(route: Route) -> set[str]:
    # To read it is to follow a link of that name, which is no good one.
    return route.allowed | ({"GET", "HEAD"} if route.endpoint == "offbrand.confirm_discard" else set())


def _lasting(response: TestResponse) -> list[tuple[str, str]]:
    """Return the headers, without the cookie that each visit may change."""
    return sorted((name, value) for name, value in response.headers if name != "Set-Cookie")
