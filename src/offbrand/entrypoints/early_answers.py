"""Early answers: what the server says beside the application, to visitors and in its log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from offbrand.entrypoints.web.headers import ALWAYS, STRICT_TRANSPORT
from offbrand.entrypoints.web.problems import SENTENCES

if TYPE_CHECKING:
    from collections.abc import Mapping

# What pages have as well, as far as it means something for a line of plain text.
_HEADERS = ALWAYS | {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Vary": "Cookie",
}


class _EarlyAnswer(ErrorTask):  # type: ignore[misc] # waitress has no types
    """A refusal in one sentence, with the headers that every answer of ours has."""

    headers: ClassVar[Mapping[str, str]] = _HEADERS

    def execute(self) -> None:
        """Write the answer, without what waitress has to say: that may quote the request."""
        error = self.request.error
        body = f"{SENTENCES.get(error.code, error.reason)}\n".encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend([("Content-Type", "text/plain; charset=utf-8"), *self.headers.items()])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _EarlyAnswerOverHttps(_EarlyAnswer):
    headers = _HEADERS | {"Strict-Transport-Security": STRICT_TRANSPORT}


class Channel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """A connection, on which a request has to be complete within the time that waitress gives to a silent one."""

    error_task_class = _EarlyAnswer
    last_activity: float
    _began = 0.0

    def received(self, data: bytes) -> bool:
        """Read on; a request that drips in counts as silent since its first byte, else a few could take all places."""
        if self.request is None:
            self._began = self.last_activity
        self.last_activity = self._began
        return bool(super().received(data))


class ChannelBehindHttps(Channel):
    """A connection of a site that browsers are to ask by https only."""

    error_task_class = _EarlyAnswerOverHttps


def _without_path(record: logging.LogRecord) -> bool:
    told, serving, _ = record.getMessage().partition(" while serving ")
    if serving:
        record.msg, record.args = f"{told} while serving a request", ()
    return True


# A visitor who leaves before the answer is logged at INFO, by the path: that may be a link with its token (law L9).
logging.getLogger("waitress").addFilter(_without_path)
