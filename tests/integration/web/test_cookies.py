"""Cookies: flags, lifetimes, and what is read of those that come in."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from tests.integration.web.conftest import KEYS, settings_of, site_of
from tests.integration.web.every_form import EVERY_FORM, Case
from tests.integration.web.visitor import EMAIL, ORIGIN, PASSWORD, USERNAME, Visitor, opened

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.integration.web.conftest import Site

SESSION = "__Host-offbrand"
DEVICE = "__Host-offbrand-device"
LINK = "__Host-offbrand-link"
FLASK = "__Host-offbrand-flask"


@pytest.mark.parametrize("case", EVERY_FORM, ids=lambda case: f"{case.endpoint}-{'-'.join(case.fields)}")
def test_ses10_every_cookie_is_bound_to_this_host_and_hidden_from_scripts(case: Case, visitor: Visitor) -> None:
    """D36: Flask's own one included."""
    form = case.filled(visitor)
    cookies = [*_cookies(visitor.get(case.page)), *_cookies(visitor.post(form.action, form.fields))]
    for cookie in cookies:
        name, *attributes = cookie.split("; ")
        assert name.startswith("__Host-offbrand")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
        assert "Domain" not in cookie
        assert len(cookie) <= 4096


def test_ses10_no_cookie_says_who_somebody_is(visitor: Visitor) -> None:
    """ASVS 14.3.3: Flask's cookie is signed and not sealed."""
    visitor.register()
    visitor.confirm()
    for name in (SESSION, DEVICE, FLASK):
        value = visitor.cookie(name)
        assert value
        content = opened(value) if name == FLASK else value
        assert not any(secret in content for secret in (EMAIL, USERNAME, PASSWORD, "User"))


def test_d36_flask_s_cookie_holds_the_form_token_and_flashes_only(visitor: Visitor) -> None:
    visitor.join()
    visitor.get("/auth/change-email")
    content = opened(visitor.cookie(FLASK))
    assert content.startswith('{"csrf_token":"')
    assert content.count(":") == 1


def test_over_plain_http_the_names_are_plain(tmp_path: object) -> None:
    """A browser takes no ``__Host-`` cookie without TLS."""
    settings = settings_of(
        ENV="development", BASE_URL="http://localhost", DATABASE_URL=f"sqlite:///{tmp_path}/offbrand.db"
    )
    response = site_of(settings).app.test_client().get("/auth/login")
    (cookie,) = _cookies(response)
    assert cookie.startswith("offbrand-flask=")
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie


def test_a_session_ends_with_the_browser_unless_it_is_remembered(site: Site, ada: Visitor) -> None:
    other = site.visitor()
    (plain,) = (c for c in _cookies(other.log_in()) if c.startswith(f"{SESSION}="))
    assert "Max-Age" not in plain
    assert "Expires" not in plain
    ada.log_out()
    (remembered,) = (c for c in _cookies(ada.log_in(remember_me="y")) if c.startswith(f"{SESSION}="))
    assert f"Max-Age={30 * 86400}" in remembered


def test_a_device_is_known_for_400_days_and_a_link_for_10_minutes(site: Site, visitor: Visitor) -> None:
    visitor.register()
    (link,) = _cookies(visitor.get(visitor.link()))
    assert link.startswith(f"{LINK}=confirm:")
    assert "Max-Age=600" in link
    confirmed = visitor.submit("/auth/confirm/complete", password=PASSWORD)
    (device,) = (c for c in _cookies(confirmed) if c.startswith(f"{DEVICE}="))
    assert f"Max-Age={400 * 86400}" in device
    assert not visitor.cookie(LINK)
    assert site.auth.policy.devices_at_most


def test_log_out_forgets_the_session_and_keeps_the_device(ada: Visitor) -> None:
    """Law L8: the browser stays a known one."""
    device = ada.cookie(DEVICE)
    response = ada.log_out()
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not ada.cookie(SESSION)
    assert device == ada.cookie(DEVICE)
    assert "csrf_token" not in opened(ada.cookie(FLASK))


@pytest.mark.parametrize(
    "header",
    [
        "{name}=",
        "{name}={token}x",
        "{name}={short}",
        "{name}={token}%00",
        '{name}="{token}\\000"',
        "{name}= {token}.",
        "={name}={token}",
        "={token}",
        "{token}",
        "{name}={token}; {name}={other}",
        "{name}={other}; {name}={token}",
        "offbrand={token}",
        "{name}={long}",
    ],
)
def test_d40_a_cookie_that_we_did_not_write_is_ignored(header: str, site: Site, ada: Visitor) -> None:
    """INP-03: malformed, nameless, doubled and oversized ones open nothing and break nothing."""
    token = ada.cookie(SESSION)
    client = site.app.test_client(use_cookies=False)
    assert client.get("/auth/account", base_url=ORIGIN, headers={"Cookie": f"{SESSION}={token}"}).status_code == 200
    text = header.format(name=SESSION, token=token, short=token[:-1], other="A" * 43, long=token * 100)
    response = client.get("/auth/account", base_url=ORIGIN, headers={"Cookie": text})
    assert response.status_code == 303
    assert response.headers["Location"] == "/auth/login?next=/auth/account"


def test_ses01_no_session_is_adopted(site: Site, visitor: Visitor) -> None:
    """A cookie planted before the login is another one after it."""
    visitor.join()
    visitor.log_out()
    planted = "A" * 43
    visitor.client.set_cookie(SESSION, planted, domain="offbrand.example", secure=True)
    assert not visitor.is_logged_in()
    visitor.log_in()
    assert visitor.is_logged_in()
    assert planted != visitor.cookie(SESSION)
    other = site.visitor()
    other.client.set_cookie(SESSION, planted, domain="offbrand.example", secure=True)
    assert not other.is_logged_in()


def test_ses09_older_keys_open_flask_s_cookie_and_the_newest_signs_it() -> None:
    """Keys are replaced without an unusable form; a key that is gone opens nothing."""
    old, both, new = (site_of(settings_of(SECRET_KEYS=keys)) for keys in (KEYS[0], ",".join(KEYS), KEYS[1]))
    cookie = _flask_cookie(old.visitor())
    assert "You are already" in _flash_from(both.visitor(), cookie)
    assert "You are already" not in _flash_from(new.visitor(), cookie)
    assert "You are already" in _flash_from(new.visitor(), _flask_cookie(both.visitor()))


def test_asv1141_flask_s_cookie_is_signed_with_sha256(visitor: Visitor) -> None:
    """Flask would take SHA-1."""
    visitor.get("/auth/login")
    signature = visitor.cookie(FLASK).rpartition(".")[2]
    assert len(base64.urlsafe_b64decode(signature + "=")) == 32


@pytest.mark.parametrize("key", ["secret", "dev", "changeme", "a secret key", "you-will-never-guess", *KEYS])
def test_ses09_a_cookie_signed_with_a_guessed_key_is_nobody_s(key: str, visitor: Visitor) -> None:
    """Nor with a key of the settings itself, which signs links and no cookie."""
    genuine, forged = visitor.see("/auth/reset").form("/auth/reset").fields, Flask("forger")
    forged.secret_key = key
    serializer = SecureCookieSessionInterface().get_signing_serializer(forged)
    assert serializer is not None
    for kind in (hashlib.sha1, hashlib.sha256):
        serializer.signer_kwargs["digest_method"] = kind
        cookie = serializer.dumps({"csrf_token": "0" * 64, "_flashes": [("success", "forged by a stranger")]})
        assert "forged by a stranger" not in _flash_from(visitor, str(cookie))
        assert visitor.post("/auth/reset", genuine | {"email": EMAIL}).status_code == 400


def test_ses09_the_flask_key_is_no_key_of_anything_else() -> None:
    site = site_of(settings_of())
    assert site.app.config["SECRET_KEY"] not in KEYS
    assert KEYS[1] not in site.app.config["SECRET_KEY"]


def _flask_cookie(visitor: Visitor) -> str:
    visitor.join()
    visitor.get("/auth/login")
    return visitor.cookie(FLASK)


def _flash_from(visitor: Visitor, cookie: str) -> str:
    visitor.client.set_cookie(FLASK, cookie, domain="offbrand.example", secure=True)
    return visitor.see("/").text


def _cookies(response: TestResponse) -> list[str]:
    return response.headers.getlist("Set-Cookie")
