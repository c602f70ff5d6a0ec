"""Access log: a line for each request, without anything that a link, a query or a form holds."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException

from offbrand.entrypoints.web.clients import network_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Flask

    _Raised = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None

_LOG = logging.getLogger("offbrand.access")
_LONGEST = 200
# Longer ones may be the token of a link that was cut or mistyped on its way.
_HARMLESS = re.compile(r"[A-Za-z0-9_-]{0,24}(\.[A-Za-z0-9]{1,5})?")


class AccessLog:
    """
    Stands before an application and notes at INFO how it has answered each request.

    A page is named by its rule, so that ``/auth/confirm/<token>`` is all that is told of a link.
    """

    def __init__(self, app: Flask, trusted_proxies: int) -> None:
        self._app = app.wsgi_app
        self._pages = app.url_map.bind("localhost")
        self._trusted_proxies = trusted_proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request."""
        began = time.perf_counter()
        status = 500

        def start(line: str, headers: list[tuple[str, str]], error: _Raised = None, /) -> Callable[[bytes], object]:
            nonlocal status
            status = int(line[:3])
            return start_response(line, headers, error)

        try:
            return self._app(environ, start)
        finally:
            self._note(environ, status, time.perf_counter() - began)

    def _note(self, environ: WSGIEnvironment, status: int, seconds: float) -> None:
        method = environ["REQUEST_METHOD"][:_LONGEST]
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
        fields = {
            "method": method,
            "path": self._path(environ.get("PATH_INFO", ""), method),
            "status": status,
            "milliseconds": round(seconds * 1000),
            "network": network_of(environ.get("REMOTE_ADDR"), forwarded, self._trusted_proxies),
        }
        _LOG.info("%s %s %d, %d ms, for %s", *fields.values(), extra={"fields": fields})

    def _path(self, path: str, method: str) -> str:
        try:
            rule, _ = self._pages.match(path, method, return_rule=True)
        except HTTPException:
            return "/".join(part if _HARMLESS.fullmatch(part) else "<...>" for part in path.split("/"))[:_LONGEST]
        return rule.rule
