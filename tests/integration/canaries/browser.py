"""Browser: somebody who visits a real server over HTTP, and keeps every page that was shown."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.integration.canaries.cage import Cage

_HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|link)"[^>]*value="([^"]*)"')
_PATIENCE = 60  # seconds, for a machine that is busy


class Browser:
    """One person's browser; its cookies and the tokens of its forms are secrets."""

    def __init__(self, url: str, cage: Cage) -> None:
        self.url = url
        self.pages: list[bytes] = []
        self.addresses: list[str] = []
        self._cage = cage
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    def get(self, path: str) -> tuple[int, str]:
        """Open a page, following redirects; return status and text."""
        return self._open(urllib.request.Request(self.url + path))  # noqa: S310 - a server of ours

    def send(self, path: str, fields: Mapping[str, str], seen_at: str = "") -> int:
        """Send the form of a page; return the status of what is shown at last."""
        _, page = self.get(seen_at or path)
        hidden = dict(_HIDDEN.findall(page))
        if token := hidden.get("csrf_token"):
            self._cage.keep("csrf", token)
        request = urllib.request.Request(  # noqa: S310 - as above
            self.url + path, urlencode({**hidden, **fields}).encode(), {"Origin": self.url}
        )
        return self._open(request)[0]

    def follow(self, link: str, fields: Mapping[str, str]) -> int:
        """Follow a mailed link, and press the button of the page that it leads to."""
        path = link.removeprefix(self.url)
        self.get(path)
        complete = path.rpartition("/")[0] + "/complete"
        return self.send(complete, fields)

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            answer = self._opener.open(request, timeout=_PATIENCE)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read()
            self.addresses.append(answer.url)
        self.pages.append(body)
        for cookie in self._jar:
            if cookie.value and cookie.value not in self._cage.canaries.values():
                self._cage.keep(f"cookie: {cookie.name}", cookie.value)
        return answer.status or 0, body.decode()
