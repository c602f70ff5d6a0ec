"""Web driver: what a person does with the pages, one test client a browser."""

from __future__ import annotations

import html
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.contracts.driver import OK, Visitor
from offbrand.contracts.library_driver import LibraryDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import Cookie, TestResponse

    from offbrand import Auth
    from offbrand.contracts.driver import Arrived
    from offbrand.contracts.library_driver import Movable

_HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|link)"[^>]*value="([^"]*)"')
_SESSION = re.compile(r"/auth/sessions/([0-9a-f-]{36})/end")
_COOKIE = "offbrand"
_JSON = {"Accept": "application/problem+json"}


class WebDriver(LibraryDriver):
    """A `Driver` through the pages; what only operators do goes to the core, as the pages have nothing for them."""

    def __init__(self, app: Flask, auth: Auth, letters: Callable[[], Sequence[Arrived]], clock: Movable) -> None:
        super().__init__(auth, tuple, clock)
        self._app = app
        self._read_letters = letters
        self._clients: dict[str, FlaskClient] = {}

    def letters(self) -> Sequence[Arrived]:
        return self._read_letters()

    def register(self, browser: str, email: str, username: str, password: str) -> str:
        fields = {"email": email, "username": username, "password": password, "password2": password}
        with self._as_stranger(browser):
            return self._send(browser, "/auth/register", fields)

    def request_confirmation(self, browser: str, email: str) -> str:
        return self._send(browser, "/auth/confirm", {"email": email})

    def confirm(self, browser: str, token: str, password: str) -> str:
        return self._follow(browser, f"/auth/confirm/{token}", {"password": password})

    def confirm_anew(self, browser: str, token: str, username: str, password: str) -> str:
        fields = {"username": username, "new_password": password, "new_password2": password}
        return self._follow(browser, f"/auth/confirm/{token}", fields)

    def discard(self, browser: str, token: str) -> str:
        return self._follow(browser, f"/auth/confirm/{token}", {}, to="/auth/confirm/discard")

    def log_in(self, browser: str, identifier: str, password: str, *, remember: bool = False) -> str:
        fields = {"identifier": identifier, "password": password} | ({"remember_me": "y"} if remember else {})
        with self._as_stranger(browser):
            return self._send(browser, "/auth/login", fields)

    def whoami(self, browser: str) -> Visitor:
        page = self._window(browser).get("/auth/account", headers=_JSON)
        if page.status_code != 200:
            return Visitor(_code(page))
        text = self._window(browser).get("/auth/account").get_data(as_text=True)
        email, username = (re.search(rf'data-{name}="([^"]*)"', text) for name in ("email", "username"))
        assert email is not None
        assert username is not None
        return Visitor(OK, html.unescape(email[1]), html.unescape(username[1]))

    def prove(self, browser: str, password: str) -> str:
        return self._send(browser, "/auth/prove", {"password": password})

    def log_out(self, browser: str) -> str:
        return self._send(browser, "/auth/logout", {}, seen_at="/")

    def request_reset(self, browser: str, email: str) -> str:
        return self._send(browser, "/auth/reset", {"email": email})

    def complete_reset(self, browser: str, token: str, password: str) -> str:
        return self._follow(browser, f"/auth/reset/{token}", {"password": password, "password2": password})

    def change_password(self, browser: str, current: str, new: str) -> str:
        fields = {"old_password": current, "password": new, "password2": new}
        return self._send(browser, "/auth/change-password", fields)

    def request_email_change(self, browser: str, email: str) -> str:
        return self._send(browser, "/auth/change-email", {"email": email})

    def complete_email_change(self, browser: str, token: str) -> str:
        return self._follow(browser, f"/auth/change-email/{token}", {})

    def undo_email_change(self, browser: str, token: str) -> str:
        return self._follow(browser, f"/auth/undo-email/{token}", {})

    def sessions(self, browser: str) -> Sequence[str]:
        text = self._window(browser).get("/auth/sessions").get_data(as_text=True)
        return list(dict.fromkeys(_SESSION.findall(text)))

    def end_session(self, browser: str, session_id: str) -> str:
        return self._send(browser, f"/auth/sessions/{session_id}/end", {}, seen_at="/")

    def end_other_sessions(self, browser: str) -> str:
        return self._send(browser, "/auth/sessions/end-others", {}, seen_at="/")

    def close(self, browser: str) -> str:
        return self._send(browser, "/auth/close", {})

    def copy_browser(self, browser: str, into: str) -> None:
        cookies = self._cookies(browser)
        self._clients.pop(into, None)
        for cookie in cookies:
            self._window(into).set_cookie(cookie.key, cookie.value, path=cookie.path)

    def _window(self, browser: str) -> FlaskClient:
        if browser not in self._clients:
            self._clients[browser] = self._app.test_client()
        return self._clients[browser]

    def _send(self, browser: str, path: str, fields: dict[str, str], seen_at: str = "") -> str:
        """Send the form of a page with what the page hides in it; return how that was answered."""
        client = self._window(browser)
        page = client.get(seen_at or path)
        hidden = dict(_HIDDEN.findall(page.get_data(as_text=True)))
        if page.status_code == 303 or "csrf_token" not in hidden:
            hidden |= dict(_HIDDEN.findall(client.get("/auth/login").get_data(as_text=True)))
        answer = client.post(path, data=hidden | fields, headers=_JSON)
        return OK if answer.status_code == 303 else _code(answer)

    def _follow(self, browser: str, path: str, fields: dict[str, str], to: str = "") -> str:
        """Follow a mailed link and press the button of the page that it leads to."""
        self._window(browser).get(path)
        complete = path.rpartition("/")[0] + "/complete"
        return self._send(browser, to or complete, fields, seen_at=complete)

    @contextmanager
    def _as_stranger(self, browser: str) -> Iterator[None]:
        """Set the session aside, as pages for strangers send visitors away; it is back unless another has begun."""
        client = self._window(browser)
        before = client.get_cookie(_COOKIE)
        client.delete_cookie(_COOKIE)
        yield
        if before is not None and client.get_cookie(_COOKIE) is None:
            client.set_cookie(_COOKIE, before.value)

    def _cookies(self, browser: str) -> Iterable[Cookie]:
        kept = self._window(browser)._cookies  # noqa: SLF001 - the client lists its cookies nowhere else
        return list(kept.values()) if kept else []


def _code(answer: TestResponse) -> str:
    told = answer.get_json(silent=True)
    return str(told["code"]) if told else f"status {answer.status_code}"
