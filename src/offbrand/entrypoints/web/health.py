"""Health: whether the process lives, and whether it can work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.entrypoints.web.page import Endpoint

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_FINE = "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


class LiveEndpoint(Endpoint):
    """Whether the process answers at all."""

    def get(self) -> ResponseReturnValue:
        """Answer, and ask nobody."""
        return _FINE


class ReadyEndpoint(Endpoint):
    """Whether the database answers, too."""

    def get(self) -> ResponseReturnValue:
        """Read one row, whichever; a refusal becomes 503 like everywhere."""
        self.auth.audit.after(limit=1)
        return _FINE
