"""Cookie contents: every cookie that any form or link sets, on both kinds of deployment, taken apart."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import pytest

from offbrand.domain.letters import LetterKind
from tests.integration.web.conftest import Site, settings_of, site_of
from tests.integration.web.every_form import EVERY_FORM, NEW_EMAIL, Case
from tests.integration.web.visitor import EMAIL, OTHER_PASSWORD, PASSWORD, USERNAME, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.integration.web.visitor import Visitor

_ATTRIBUTES = {"Path=/", "HttpOnly", "SameSite=Lax"}


class Recorder:
    """Stands before an application, and keeps every cookie that leaves it."""

    def __init__(self, site: Site) -> None:
        self.lines: list[str] = []
        self._inner: Callable[..., Iterable[bytes]] = site.app.wsgi_app
        site.app.wsgi_app = self  # type: ignore[method-assign] # as Flask's documentation has it

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
            self.lines += [value for name, value in headers if name == "Set-Cookie"]
            return start_response(status, headers, *error)

        return self._inner(environ, start)


@pytest.fixture(params=["https", "http"])
def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Site, Recorder, str]:
    """A site, what it sets, and how the names of its cookies begin."""
    if request.param == "https":
        site, prefix = site_of(settings_of()), "__Host-offbrand"
    else:
        plain = {"ENV": "development", "BASE_URL": "http://offbrand.example"}
        site = site_of(settings_of(**plain, DATABASE_URL=f"sqlite:///{tmp_path}/offbrand.db"))
        prefix = "offbrand"
    return site, Recorder(site), prefix


@pytest.mark.parametrize("case", EVERY_FORM, ids=lambda case: f"{case.endpoint}-{'-'.join(case.fields)}")
def test_ses10_no_cookie_of_any_flow_says_who_somebody_is(case: Case, recorded: tuple[Site, Recorder, str]) -> None:
    """Flags on each of them, and nothing personal inside, however it is packed."""
    site, recorder, prefix = recorded
    visitor = site.visitor()
    form = case.filled(visitor)
    for fields in ({}, form.fields | {"password": OTHER_PASSWORD}, form.fields | case.optional):
        response = visitor.post(form.action, fields)
        visitor.get(response.headers.get("Location", case.page))
    assert recorder.lines
    landed = _links(visitor)
    for line in recorder.lines:
        assert _ATTRIBUTES | ({"Secure"} if prefix.startswith("__Host") else set()) <= set(line.split("; "))
        assert "domain" not in line.lower()
        assert len(line) <= 4096
        ((name, morsel),) = SimpleCookie(line).items()
        assert name in {prefix, f"{prefix}-device", f"{prefix}-link", f"{prefix}-flask"}
        if name.endswith("-flask") and morsel.value:
            _assert_impersonal(opened(morsel.value))
        elif name.endswith("-link"):
            # What the letter's link said, and not a character more.
            assert morsel.value in {"", *landed}
        elif morsel.value:
            assert len(morsel.value) == 43


def _links(visitor: Visitor) -> set[str]:
    letters = []
    for email in (EMAIL, NEW_EMAIL):
        for kind in LetterKind:
            try:
                letters.append(visitor.link(email, kind))
            except (LookupError, AssertionError):
                continue
    return {":".join(path.split("/")[-2:]) for path in letters}


def _assert_impersonal(content: str) -> None:
    kept = json.loads(content)
    assert set(kept) <= {"csrf_token", "_flashes"}
    told = json.dumps(kept.get("_flashes", []))
    for personal in (EMAIL, NEW_EMAIL, PASSWORD, OTHER_PASSWORD, USERNAME, "countess", "User", "Administrator"):
        assert personal not in told
    assert all(letter in "0123456789abcdef" for letter in kept.get("csrf_token", ""))
