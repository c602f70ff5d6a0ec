"""Visitor: somebody with a browser without scripts, who fills in the forms that the pages show."""

from __future__ import annotations

import base64
import zlib
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from offbrand.domain.letters import PURPOSES, LetterKind, ReadyLetter
from offbrand.domain.values import EmailAddress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from offbrand.adapters.memory import Mailbox

ORIGIN = "https://offbrand.example"
EMAIL = "ada@example.org"
USERNAME = "ada"
PASSWORD = "a lantern, a ladder and a loaf"
OTHER_PASSWORD = "seven kettles under one roof"


@attrs.define
class FormOnPage:
    """A form as a page shows it: where it goes, and what its fields hold."""

    action: str
    fields: dict[str, str] = attrs.Factory(dict)


_BLOCKS = frozenset({"dd", "div", "dt", "h1", "h2", "li", "p", "span", "strong"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self.links: list[str] = []
        self.inputs: dict[str, dict[str, str | None]] = {}
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.text.append(" " if tag in _BLOCKS else "")
        if tag == "form":
            self.forms.append(FormOnPage(found.get("action") or ""))
        if tag == "input" and (name := found.get("name")):
            self.inputs[name] = found
            if found.get("type") != "checkbox":
                self.forms[-1].fields[name] = found.get("value") or ""
        if tag in ("a", "link") and (href := found.get("href")):
            self.links.append(href)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


class Shown:
    """A page as a visitor reads it."""

    def __init__(self, response: TestResponse) -> None:
        reader = _Reader()
        reader.feed(response.text)
        self.forms: Sequence[FormOnPage] = reader.forms
        self.links: Sequence[str] = reader.links
        self.inputs: Mapping[str, Mapping[str, str | None]] = reader.inputs
        self.text = " ".join("".join(reader.text).split())

    def form(self, action: str, having: str = "") -> FormOnPage:
        """Return the form that goes to *action*, the one with a field *having* where there are several."""
        forms = [form for form in self.forms if form.action == action and (not having or having in form.fields)]
        assert len(forms) >= 1, f"no form to {action}"
        return forms[0]


class Visitor:
    """A browser with its own cookies, on its way through the pages."""

    def __init__(self, app: Flask, mailbox: Mailbox) -> None:
        self.client: FlaskClient = app.test_client()
        self.mailbox = mailbox
        self._app = app

    def another(self) -> Visitor:
        """Return somebody with another browser."""
        return Visitor(self._app, self.mailbox)

    def get(self, path: str, **options: object) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path, base_url=ORIGIN, buffered=True, **options)

    def post(self, path: str, fields: object, **options: object) -> TestResponse:
        """Send what no page was asked for."""
        return self.client.post(path, base_url=ORIGIN, data=fields, buffered=True, **options)

    def see(self, path: str) -> Shown:
        """Ask for a page and read it."""
        return Shown(self.get(path))

    def submit(self, page: str, action: str = "", /, **fields: str) -> TestResponse:
        """Open *page*, fill in its form to *action*, by default to itself, and send it."""
        action = action or urlsplit(page).path
        form = self.see(page).form(action, having=next(iter(fields), ""))
        return self.post(action, form.fields | fields)

    def after(self, response: TestResponse) -> Shown:
        """Go where *response* sends the visitor, and read that."""
        assert response.status_code == 303, response.text
        return self.see(response.headers["Location"])

    def link(self, email: str = EMAIL, kind: LetterKind | None = None) -> str:
        """Return the path of the link in the newest letter to *email*."""
        return path_of(self.mailbox.newest(EmailAddress.parse(email), kind))

    def register(self, email: str = EMAIL, username: str = USERNAME, password: str = PASSWORD) -> TestResponse:
        """Fill in the form for a new account."""
        fields = {"email": email, "username": username, "password": password, "password2": password}
        return self.submit("/auth/register", **fields)

    def confirm(self, email: str = EMAIL, password: str = PASSWORD) -> TestResponse:
        """Follow the confirmation link, and type the password."""
        self.get(self.link(email, LetterKind.CONFIRMATION))
        return self.submit("/auth/confirm/complete", password=password)

    def join(self, email: str = EMAIL, username: str = USERNAME, password: str = PASSWORD) -> Visitor:
        """Register and confirm, which logs in."""
        self.register(email, username, password)
        self.confirm(email, password)
        return self

    def log_in(self, identifier: str = EMAIL, password: str = PASSWORD, **fields: str) -> TestResponse:
        """Fill in the login form."""
        return self.submit("/auth/login", identifier=identifier, password=password, **fields)

    def log_out(self) -> TestResponse:
        """Press the button in the account menu."""
        return self.submit("/", "/auth/logout")

    def is_logged_in(self) -> bool:
        """Whether the account page opens."""
        return self.get("/auth/account").status_code == 200

    def cookie(self, name: str) -> str:
        """Return the value of a cookie; empty if there is none."""
        cookie = self.client.get_cookie(name, "offbrand.example")
        return cookie.value if cookie else ""


def path_of(letter: ReadyLetter) -> str:
    """Return the path of the letter's link."""
    assert letter.token is not None
    return f"/auth/{PURPOSES[letter.kind]}/{letter.token.reveal()}"


def json_of(response: TestResponse) -> dict[str, Any]:
    """Return the object that a program was answered with."""
    assert isinstance(response.json, dict)
    return response.json


def opened(value: str) -> str:
    """Return what anybody can read in Flask's cookie, which is signed and not sealed."""
    payload = value.lstrip(".").split(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return (zlib.decompress(raw) if value.startswith(".") else raw).decode()
