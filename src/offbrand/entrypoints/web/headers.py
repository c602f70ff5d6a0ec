"""Headers: what every answer tells the browser not to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from flask import Response

# Images as data are the arrows and ticks that Bootstrap draws on its controls.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
STRICT_TRANSPORT = "max-age=63072000"
_ERROR = 400
CLEAR_SITE_DATA = '"cache", "storage"'


def protect(response: Response) -> Response:
    """Set what every answer of ours has; files that are alike for everybody may be kept, pages may not."""
    response.headers.update(ALWAYS)
    # Not "no-referrer" everywhere: it also hides the origin of forms, by which we know our own pages.
    on_a_link = "token" in (request.view_args or {})
    response.headers["Referrer-Policy"] = "no-referrer" if on_a_link else "same-origin"
    if not _is_file(response):
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response


def insist_on_https(response: Response) -> Response:
    """Let browsers ask by https only; for an application that is ours, as this is about the whole host."""
    response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response


def _is_file(response: Response) -> bool:
    # An error under the path of a file is a page, which shows who is logged in.
    return response.status_code < _ERROR and (request.endpoint or "").rpartition(".")[2] == "static"
