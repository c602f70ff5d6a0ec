"""Access log: a line for each request, which tells nothing that opens anything."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.entrypoints.logs import JsonFormatter
from offbrand.entrypoints.web.access_log import AccessLog

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.integration.web.conftest import Site

TOKEN = "eyJwdXJwb3NlIjoicmVzZXQifQ.canary-of-a-link"
ORIGIN = "https://offbrand.example"


@attrs.frozen
class Watched:
    """A site whose requests are noted."""

    site: Site
    caplog: pytest.LogCaptureFixture

    def noted(self, path: str, method: str = "GET", **headers: str) -> dict[str, object]:
        """Ask for *path*, and return the line about it as a program reads it."""
        self.caplog.clear()
        self.asked(path, method, **headers)
        [record] = [record for record in self.caplog.records if record.name == "offbrand.access"]
        line = JsonFormatter().format(record)
        assert "canary" not in line
        assert line.isprintable()
        return dict(json.loads(line))

    def asked(self, path: str, method: str, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.site.app.test_client().open(path, method=method, headers=named, base_url=ORIGIN)


@pytest.fixture
def watched(site: Site, caplog: pytest.LogCaptureFixture) -> Watched:
    caplog.set_level(logging.INFO, "offbrand.access")
    site.app.wsgi_app = AccessLog(site.app, trusted_proxies=1)  # type: ignore[method-assign] # as Flask suggests
    return Watched(site, caplog)


def test_a_request_is_noted(watched: Watched) -> None:
    line = watched.noted("/auth/login", X_Forwarded_For="192.0.2.77, 198.51.100.4")
    assert line["message"] == f"GET /auth/login 200, {line['milliseconds']} ms, for 198.51.100.4"
    told = {name: line[name] for name in ("method", "path", "status", "network")}
    assert told == {"method": "GET", "path": "/auth/login", "status": 200, "network": "198.51.100.4"}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/auth/reset/{TOKEN}", "/auth/reset/<token>"),
        (f"/auth/confirm/{TOKEN}?x={TOKEN}", "/auth/confirm/<token>"),
        ("/auth/login?next=/canary&password=canary", "/auth/login"),
        (f"/auth/reset/{TOKEN}/", "/auth/reset/<...>/"),
        (f"/Auth/Reset/{TOKEN}", "/Auth/Reset/<...>"),
        (f"/auth/reset%2F{TOKEN}", "/auth/reset/<token>"),
        (f"/auth//reset/{TOKEN}", "/auth//reset/<...>"),
        (f"/{TOKEN}", "/<...>"),
        ("/favicon.ico", "/favicon.ico"),
        ("/wp-admin/setup.php", "/wp-admin/setup.php"),
    ],
)
def test_log_01_no_token_is_noted_wherever_it_stands_in_a_path(path: str, shown: str, watched: Watched) -> None:
    """LOG-01, L9: a link that was cut, or got another slash on its way, is a link still."""
    assert watched.noted(path)["path"] == shown


def test_log_01_a_token_that_is_posted_to_is_not_noted_either(watched: Watched) -> None:
    line = watched.noted(f"/auth/reset/{TOKEN}", "POST")
    assert (line["path"], line["status"]) == ("/auth/reset/<...>", 405)


@pytest.mark.parametrize(
    "path", ["/a%0d%0aERROR%20forged", "/%1b%5b31mred", "/%e2%80%a8", "/%25s%25n", "/" + "x/" * 50_000]
)
def test_log_02_a_path_stays_in_its_line(path: str, watched: Watched) -> None:
    """LOG-02."""
    assert watched.noted(path)["status"] == 404


@pytest.mark.parametrize("forwarded", ["\x1b[31m", "canary", "%s", "x" * 10_000])
def test_log_02_a_made_up_network_is_none(forwarded: str, watched: Watched) -> None:
    """LOG-02."""
    assert watched.noted("/", X_Forwarded_For=forwarded, User_Agent="canary")["network"] == "127.0.0.1"


def test_a_defect_is_noted_as_one(watched: Watched) -> None:
    @watched.site.app.get("/fail")
    def fail() -> str:
        canary = "canary"
        raise RuntimeError(canary)

    assert watched.noted("/fail")["status"] == 500


def test_what_fails_beyond_the_application_is_noted_all_the_same(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_environ: object, _start: object) -> list[bytes]:
        canary = "canary"
        raise RuntimeError(canary)

    caplog.set_level(logging.INFO, "offbrand.access")
    site.app.wsgi_app = broken  # type: ignore[method-assign,assignment] # as a host might
    log = AccessLog(site.app, trusted_proxies=0)
    with pytest.raises(RuntimeError):
        log({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "REMOTE_ADDR": "192.0.2.1"}, lambda *_: lambda _: None)
    [record] = caplog.records
    assert "GET / 500" in record.getMessage()
