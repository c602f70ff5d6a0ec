"""Failures: the one table from refusal to HTTP status, exit code and sentence, for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

# sysexits(3), spelled out because Python's os module has them on Unix only.
EX_USAGE = 64
EX_DATAERR = 65
EX_NOUSER = 67
EX_UNAVAILABLE = 69
EX_SOFTWARE = 70
EX_CANTCREAT = 73
EX_IOERR = 74
EX_TEMPFAIL = 75
EX_NOPERM = 77
EX_CONFIG = 78


@attrs.frozen
class Failure:
    """How a refusal looks from outside; *sentence* is for people, the refusal's ``code`` for programs."""

    status: int
    exit_code: int
    sentence: str


FAILURES: Mapping[type[errors.AuthError], Failure] = {
    errors.AuthError: Failure(400, EX_DATAERR, "That is not possible."),
    errors.Malformed: Failure(422, EX_DATAERR, "That cannot be read."),
    errors.MalformedEmailAddress: Failure(422, EX_DATAERR, "That is not an email address."),
    errors.MalformedUsername: Failure(422, EX_DATAERR, "That is not a username."),
    errors.MalformedPassword: Failure(422, EX_DATAERR, "That cannot be a password."),
    errors.WeakPassword: Failure(422, EX_DATAERR, "Please choose another password."),
    errors.UsernameTaken: Failure(409, EX_CANTCREAT, "Username already in use."),
    errors.AddressTaken: Failure(409, EX_CANTCREAT, "This email address already belongs to an account."),
    errors.AddressUnchanged: Failure(422, EX_DATAERR, "That is your email address already."),
    errors.UndoPending: Failure(
        409,
        EX_TEMPFAIL,
        "Your email address was changed a short time ago and the former one can still undo it, so this has to wait.",
    ),
    errors.InvalidCredentials: Failure(401, EX_NOPERM, "Invalid email, username or password."),
    errors.WrongPassword: Failure(401, EX_NOPERM, "Invalid password."),
    errors.InvalidToken: Failure(400, EX_NOPERM, "This link is invalid or has expired."),
    errors.NotLoggedIn: Failure(401, EX_NOPERM, "Please log in first."),
    errors.ProofNeeded: Failure(401, EX_NOPERM, "Please type your password again."),
    errors.Forbidden: Failure(403, EX_NOPERM, "You are not allowed to do that."),
    errors.UnknownAccount: Failure(404, EX_NOUSER, "There is no such account."),
    errors.UnknownSession: Failure(404, EX_NOUSER, "There is no such session."),
    errors.UnknownLetter: Failure(404, EX_NOUSER, "Only dead letters can be sent on their way again."),
    errors.UnknownRole: Failure(422, EX_DATAERR, "There is no such role."),
    errors.WrongState: Failure(409, EX_DATAERR, "The account is not in the right state for that."),
    errors.StaleAccount: Failure(409, EX_TEMPFAIL, "The account was changed at the same moment. Please try again."),
    errors.ComeBackLater: Failure(503, EX_TEMPFAIL, "Please try again later."),
    errors.TooManyAttempts: Failure(429, EX_TEMPFAIL, "Too many attempts. Try again later."),
    errors.Busy: Failure(503, EX_TEMPFAIL, "We are very busy just now. Please try again in a moment."),
    errors.Unavailable: Failure(
        503, EX_TEMPFAIL, "Something we depend on does not answer. Please try again in a moment."
    ),
    errors.ClocksDiffer: Failure(503, EX_TEMPFAIL, "The clocks of this machine and of the database differ too much."),
}


def failure_of(refusal: errors.AuthError) -> Failure:
    """Return how *refusal* looks; one that a host has derived looks like the nearest that is listed."""
    return next(FAILURES[kind] for kind in type(refusal).__mro__ if kind in FAILURES)


def sentence_of(refusal: errors.AuthError) -> str:
    """Return the sentence for people, with the refusal's own reason where it has one."""
    sentence = failure_of(refusal).sentence
    reason = getattr(refusal, "reason", "")
    if isinstance(refusal, errors.Malformed) and reason:
        return str(reason)
    return f"{sentence} {reason}".rstrip()


def retry_after_of(refusal: errors.AuthError) -> int | None:
    """Return after how many seconds asking again makes sense, for refusals that are about time."""
    return refusal.retry_after if isinstance(refusal, errors.ComeBackLater) else None
