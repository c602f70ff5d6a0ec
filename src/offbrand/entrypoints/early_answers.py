"""Early answers: what the server says to requests that it refuses before the application sees them."""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

# What pages have as well, as far as it means something for a line of plain text.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class EarlyAnswer(ErrorTask):  # type: ignore[misc] # waitress has no types
    """A refusal with the headers that every answer of ours has."""

    def execute(self) -> None:
        """Write the answer."""
        self.response_headers.extend(_HEADERS.items())
        super().execute()


class Channel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """A connection."""

    error_task_class = EarlyAnswer
