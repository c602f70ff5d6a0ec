"""Cookies: what a browser keeps for us, in and out; the only place of this door that opens secrets."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
from flask import after_this_request, request

from offbrand.domain.values import Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response

    from offbrand.domain.claims import Purpose
    from offbrand.domain.values import Secret
    from offbrand.domain.visits import Opened

_OPAQUE = re.compile(r"[A-Za-z0-9_-]{43}")
_LINK = re.compile(r"[A-Za-z0-9_.=-]{1,1024}")
_PENDING = "offbrand.cookies"
_DEVICE_LASTS = timedelta(days=400)  # browsers keep no cookie longer
_LINK_LASTS = timedelta(minutes=10)


@attrs.frozen(kw_only=True)
class Cookies:
    """
    The cookies of one deployment.

    Over https their names bind them to this host alone. ``remembered_for`` is how long a browser may keep the cookie
    of a remembered session; the session itself knows better when it is over.
    """

    is_https: bool
    remembered_for: timedelta

    def name(self, suffix: str = "") -> str:
        """Return the name of the cookie for *suffix*."""
        return ("__Host-offbrand" if self.is_https else "offbrand") + suffix

    def session(self) -> Token | None:
        """Return the session's token, the one about to be set if there is one; None for anything malformed."""
        return _token(_OPAQUE, self._read(self.name()))

    def device(self) -> Token | None:
        """Return the device's token; None for anything malformed."""
        return _token(_OPAQUE, self._read(self.name("-device")))

    def link(self, purpose: Purpose) -> Token | None:
        """Return the token of a landed link for *purpose*; None if none has landed, or one for something else."""
        landed_for, _, text = self._read(self.name("-link")).partition(":")
        return _token(_LINK, text) if landed_for == purpose else None

    def keep_session(self, opened: Opened) -> None:
        """Let the browser keep the session, beyond its own end only if it is remembered."""
        self._set("", opened.session.reveal(), self.remembered_for if opened.remembered else None)
        if opened.device:
            self.keep_device(opened.device)

    def keep_device(self, device: Token) -> None:
        """Let the browser keep what makes it a known one."""
        self._set("-device", device.reveal(), _DEVICE_LASTS)

    def keep_link(self, purpose: Purpose, token: str) -> bool:
        """Let the browser keep a landed link's token, out of sight of the address bar; no, if it is malformed."""
        if not _LINK.fullmatch(token):
            return False
        self._set("-link", f"{purpose}:{token}", _LINK_LASTS)
        return True

    def forget_session(self) -> None:
        """Let the browser drop the session; it stays a known one."""
        self._set("", "", timedelta())

    def forget_link(self) -> None:
        """Let the browser drop the landed link."""
        self._set("-link", "", timedelta())

    def _read(self, name: str) -> str:
        pending = request.environ.get(_PENDING, {})
        if name in pending:
            return str(pending[name][0])
        values = request.cookies.getlist(name)
        # Two of one name: somebody else has planted one of them, and nobody can tell which.
        return values[0] if len(values) == 1 else ""

    def _set(self, suffix: str, value: str, lasts: timedelta | None) -> None:
        pending = request.environ.setdefault(_PENDING, {})
        if not pending:
            # Set on whatever is answered in the end, so that a refusal after a rotation does not log anybody out.
            after_this_request(self._write)
        pending[self.name(suffix)] = (value, lasts)

    def _write(self, response: Response) -> Response:
        for name, (value, lasts) in request.environ[_PENDING].items():
            response.set_cookie(name, value, max_age=lasts, secure=self.is_https, httponly=True, samesite="Lax")
        return response


def flask_keys(keys: Iterable[Secret]) -> list[str]:
    """Return keys for Flask's own cookie, in the same order, none of which opens anything else."""
    return [key.hex() for key in _derived("flask", keys)]


def form_keys(keys: Iterable[Secret]) -> list[bytes]:
    """Return keys for the tokens of our forms, in the same order, none of which signs anything else."""
    return _derived("form", keys)


def _derived(use: str, keys: Iterable[Secret]) -> list[bytes]:
    return [hashlib.sha256(f"{use}\0{key.reveal()}".encode()).digest() for key in keys]


def _token(form: re.Pattern[str], text: str) -> Token | None:
    return Token(text) if form.fullmatch(text) else None
