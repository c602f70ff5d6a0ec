"""Browser: somebody who asks a server of ours for pages, over a socket."""

from __future__ import annotations

import html
import http.client
import re
from concurrent.futures import Future, ThreadPoolExecutor
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

HOST = "127.0.0.1"
PATIENCE = 90  # seconds, for a machine that is busy; never waited for when all is well
_HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|link)"[^>]*value="([^"]*)"')
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# What only an operator may read, if anybody.
_INNARDS = re.compile(r"traceback|psycopg|pymysql|sqlite|sqlalchemy|operational|errno|\.py\b", re.IGNORECASE)


@attrs.frozen
class Answer:
    """What came back, whole."""

    status: int
    headers: Message
    text: str

    @property
    def is_refusal(self) -> bool:
        """Whether it is a page that says not now, and when, and nothing of what is inside."""
        wait = self.headers.get("Retry-After", "")
        told = _INNARDS.search(self.text)
        assert not told, told
        return self.status == 503 and wait.isdecimal() and int(wait) > 0 and "<h1>" in self.text

    @property
    def is_done(self) -> bool:
        """Whether the form did what it is for."""
        return self.status == 303


@attrs.frozen
class Browser:
    """A browser with its own cookies; ``hidden`` is what a page has put into its forms, ``sent`` what it asked for."""

    port: int
    cookies: dict[str, str] = attrs.Factory(dict)
    hidden: dict[str, str] = attrs.Factory(dict)
    sent: list[str] = attrs.Factory(list)

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def open(self, path: str) -> Browser:
        """Ask for a page, and remember what its forms hide; return the browser."""
        page = self.get(path)
        assert page.status == 200, page.text
        self.hidden.update({name: html.unescape(value) for name, value in _HIDDEN.findall(page.text)})
        return self

    def send(self, path: str, **fields: str) -> Answer:
        """Send a form that was opened before."""
        return self._ask("POST", path, {**self.hidden, **fields})

    def submit(self, path: str, **fields: str) -> Answer:
        """Open a page and send its form."""
        return self.open(path).send(path, **fields)

    def begin(self, path: str, **fields: str) -> Future[Answer]:
        """Send a form that was opened before, and do not wait for the answer."""
        pool = ThreadPoolExecutor(1)
        answer = pool.submit(self.send, path, **fields)
        pool.shutdown(wait=False)
        return answer

    def _ask(self, method: str, path: str, fields: Mapping[str, str] | None) -> Answer:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        try:
            body = urlencode(fields) if fields else None
            connection.request(method, path, body, headers | (_FORM if fields else {}))
            self.sent.append(f"{method} {path}")
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(cookie).items():
                self.cookies[name] = morsel.value
        return Answer(response.status, response.headers, text)
