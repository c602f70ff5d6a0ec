"""Browser: one person's cookies and forms, over real connections to whichever web process still answers."""

from __future__ import annotations

import html
import http.client
import re
import time
from collections import Counter
from contextlib import suppress
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

TIMEOUT = 60
_HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|link)"[^>]*value="([^"]*)"')
_IDLE = 20  # seconds after which no connection is relied on; a server closes it after 60
_PAUSE = 0.2
_TRIES = 300  # far more than any restart takes


class Broken(Exception):
    """The connection broke, and nobody knows whether what was sent has been done."""


@attrs.frozen
class Answer:
    """What a web process answered."""

    status: int
    text: str

    def hidden(self) -> dict[str, str]:
        """Return what the forms of the page hide."""
        return dict(_HIDDEN.findall(self.text))

    def says(self, pattern: str) -> str:
        """Return what the page says there; empty if it says no such thing."""
        found = re.search(pattern, self.text)
        return html.unescape(found[1]) if found else ""


class Wire:
    """The open connections of one client, who asks any process that is there."""

    def __init__(self, ports: Callable[[], Sequence[int]], chance: Random) -> None:
        self._ports = ports
        self._chance = chance
        self._connections: dict[int, http.client.HTTPConnection] = {}
        self._used: dict[int, float] = {}
        self.statuses: Counter[int] = Counter()
        self.broken: list[int] = []

    def ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> tuple[Answer, list[str]]:
        """
        Return the answer, and the cookies that came with it.

        Raises:
            Broken: If none came.
        """
        port = self._chance.choice(self._ports())
        connection = self._connections.get(port)
        if connection is None:
            connection = self._connections[port] = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        if time.monotonic() - self._used.get(port, 0) > _IDLE:
            connection.close()  # and opened anew by what comes next
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self._connections.pop(port).close()
            self.broken.append(port)
            time.sleep(_PAUSE)
            raise Broken from None
        self._used[port] = time.monotonic()
        self.statuses[response.status] += 1
        return Answer(response.status, text), response.msg.get_all("Set-Cookie", [])

    def close(self) -> None:
        """Hang up."""
        for connection in self._connections.values():
            connection.close()


class Browser:
    """A browser that has been nowhere yet."""

    def __init__(self, wire: Wire, network: str) -> None:
        self._wire = wire
        self._network = network
        self._cookies: dict[str, str] = {}

    def see(self, path: str) -> Answer:
        """Ask for a page, again and again until it comes."""
        for _ in range(_TRIES):
            with suppress(Broken):
                return self._answer("GET", path, None)
        raise TimeoutError(path)

    def submit(self, path: str, shown: Answer, fields: Mapping[str, str]) -> Answer:
        """
        Send the form that *shown* has.

        Raises:
            Broken: If no answer came, so that the form may have been dealt with or not.
        """
        return self._answer("POST", path, urlencode({**shown.hidden(), **fields}))

    def _answer(self, method: str, path: str, body: str | None) -> Answer:
        """Ask again and again while the answer is to come back later."""
        for _ in range(_TRIES):
            answer = self._ask(method, path, body)
            if answer.status != http.HTTPStatus.SERVICE_UNAVAILABLE:
                return answer
            time.sleep(_PAUSE)
        raise TimeoutError(path)

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"X-Forwarded-For": self._network, "User-Agent": "Mozilla/5.0"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer, cookies = self._wire.ask(method, path, body, headers)
        for each in cookies:
            for name, morsel in SimpleCookie(each).items():
                self._cookies[name] = morsel.value
        return answer
