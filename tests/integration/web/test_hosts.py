"""Hosts: a made-up Host header reaches no page, no redirect and no letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.web.conftest import settings_of, site_of
from tests.integration.web.visitor import EMAIL, ORIGIN

if TYPE_CHECKING:
    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

LOCAL = {"ENV": "development", "BASE_URL": "http://localhost:8000"}


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "offbrand.example@evil.example",
        "offbrand.example:80@evil.example",
        "offbrand.example:8443",
        "offbrand.example.evil.example",
        "evil.example,offbrand.example",
        "offbrand.example,evil.example",
        "localhost",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/auth/reset", "/nowhere", "/auth/static/pages.js"])
def test_d3_another_host_is_not_answered(host: str, path: str, visitor: Visitor) -> None:
    """HST-01."""
    response = visitor.get(path, headers={"Host": host})
    assert response.status_code == 400
    assert "evil.example" not in response.text + str(response.headers)


@pytest.mark.parametrize("host", ["offbrand.example", "OffBrand.Example", "offbrand.example:443"])
def test_our_own_host_is_answered(host: str, visitor: Visitor) -> None:
    assert visitor.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:8000", 200), ("127.0.0.1:9999", 200), ("[::1]:8000", 200), ("localhost.evil.example", 400)],
)
def test_a_machine_for_development_answers_to_its_own_names(host: str, status: int, tmp_path: object) -> None:
    site = site_of(settings_of(**LOCAL, DATABASE_URL=f"sqlite:///{tmp_path}/offbrand.db"))
    assert status == site.app.test_client().get("/", headers={"Host": host}).status_code


def test_d3_forwarded_hosts_are_not_believed(visitor: Visitor) -> None:
    """HST-01: the link in the letter comes from the settings, and so does everything else."""
    visitor.join()
    visitor.log_out()
    fields = visitor.see("/auth/reset").form("/auth/reset").fields | {"email": EMAIL}
    names = {"X-Forwarded-Host": "evil.example", "X-Host": "evil.example", "Forwarded": "host=evil.example"}
    response = visitor.post("/auth/reset", fields, headers=names)
    assert response.headers["Location"] == "/auth/login"
    assert "evil.example" not in response.text


def test_d37_no_redirect_names_a_scheme(visitor: Visitor) -> None:
    """Behind a proxy that ends TLS, a redirect with a scheme would be one to plain http."""
    response = visitor.client.get("/auth/account", base_url="http://offbrand.example:443")
    assert response.headers["Location"] == "/auth/login?next=/auth/account"


@pytest.mark.parametrize("path", ["/auth//login", "/auth/login//", "/auth/reset//a-token", "/auth//reset/a-token"])
def test_d37_a_doubled_slash_is_not_mended_by_a_redirect(path: str, visitor: Visitor) -> None:
    """That would name a scheme, plain http behind a proxy, and repeat a token in the open."""
    response = visitor.client.get("/", base_url=ORIGIN, environ_overrides={"PATH_INFO": path})
    assert response.status_code == 404
    assert "Location" not in response.headers


def test_health_is_asked_by_address(site: Site) -> None:
    """Whoever watches the process knows it by its address."""
    client = site.app.test_client()
    for path in ("/healthz", "/readyz"):
        response = client.get(path, headers={"Host": "10.0.0.7:8000"})
        assert (response.status_code, response.text) == (200, "ok\n")
