"""Problems: how a refusal or an error is told, to people as a page and to programs as RFC 9457 has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from flask import jsonify, request
from werkzeug.exceptions import HTTPException

from offbrand.domain.errors import AuthError
from offbrand.entrypoints.failures import failure_of, retry_after_of, sentence_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from wtforms import Form

JSON = "application/problem+json"
SENTENCES = {
    400: "Your browser sent something that cannot be understood.",
    401: "Please log in first.",
    403: "You are not allowed to do that.",
    404: "There is no such page.",
    405: "This page cannot be used in that way.",
    413: "That is more than we read at once.",
    429: "Too many attempts. Try again later.",
    431: "Your browser sent more headers, or a longer address, than we read.",
    500: "Something went wrong on our side. It has been noted.",
    501: "Your browser asked in a way that we do not know.",
    503: "Please try again later.",
}


@attrs.frozen(kw_only=True)
class Problem:
    """What went wrong; ``code`` is stable, ``sentence`` is for people, ``fields`` says what is wrong with which."""

    code: str
    status: int
    sentence: str
    headers: Mapping[str, str] = attrs.Factory(dict)
    fields: Mapping[str, list[str]] = attrs.Factory(dict)

    @classmethod
    def of(cls, error: AuthError | HTTPException) -> Problem:
        """Return how *error* is told."""
        if isinstance(error, AuthError):
            wait = retry_after_of(error)
            return cls(
                code=error.code,
                status=failure_of(error).status,
                sentence=sentence_of(error),
                headers={"Retry-After": str(wait)} if wait else {},
            )
        if isinstance(error, FormRefused):
            return cls(code=error.problem, status=error.code, sentence=error.sentence, fields=error.fields)
        status = error.code or 500
        return cls(
            code=error.name.lower().replace(" ", "_"),
            status=status,
            sentence=SENTENCES.get(status, f"{error.name}."),
            headers=_allowed(error),
        )

    def as_json(self) -> Response:
        """Return the answer for a program."""
        told: dict[str, Any] = {"title": self.sentence, "status": self.status, "code": self.code}
        response = jsonify({**told, "errors": self.fields} if self.fields else told)
        response.status_code = self.status
        response.headers.update(self.headers)
        response.mimetype = JSON
        if self.status == 401:  # noqa: PLR2004 - RFC 9110 asks for the header with this status
            response.headers["WWW-Authenticate"] = 'Session realm="account"'
        return response


class FormRefused(HTTPException):
    """A form that no flow gets to see; *fields* says what is wrong with which, and so does *form* to its page."""

    code: int
    problem: str
    sentence: str

    def __init__(self, form: Form | None = None, fields: Mapping[str, list[str]] | None = None) -> None:
        super().__init__()
        self.form = form
        self.fields = fields or {}


class FormExpired(FormRefused):
    """The form lacks the token that our page gives to a browser, or has that of another time."""

    code = 400
    problem = "form_expired"
    sentence = "This form has expired. Please send it again."


class FormUnusable(FormRefused):
    """A field is missing, too long, sent twice, or holds what cannot be typed."""

    code = 422
    problem = "form_unusable"
    sentence = "Please check what you have typed."


def wants_json() -> bool:
    """Whether the client accepts JSON and no page."""
    accepted = request.accept_mimetypes
    return bool(accepted.quality("application/json") or accepted.quality(JSON)) and not accepted.quality("text/html")


def _allowed(error: HTTPException) -> dict[str, str]:
    methods = getattr(error, "valid_methods", None)
    return {"Allow": ", ".join(sorted(methods))} if methods else {}
