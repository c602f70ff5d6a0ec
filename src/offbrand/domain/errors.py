"""
Refusals: everything offbrand says no with.

    AuthError
    +-- Malformed
    |   +-- MalformedEmailAddress
    |   +-- MalformedUsername
    |   +-- MalformedPassword
    +-- WeakPassword
    +-- UsernameTaken
    +-- AddressTaken
    +-- AddressUnchanged
    +-- UndoPending
    +-- InvalidCredentials
    |   +-- WrongPassword
    +-- InvalidToken
    +-- NotLoggedIn
    +-- ProofNeeded
    +-- Forbidden
    +-- UnknownAccount
    +-- UnknownSession
    +-- UnknownLetter
    +-- UnknownRole
    +-- WrongState
    +-- StaleAccount
    +-- ComeBackLater
        +-- TooManyAttempts
        +-- Busy
        +-- Unavailable
        +-- ClocksDiffer

Each refusal has a stable ``code``; its HTTP status, exit code and sentence stand in one table,
`offbrand.entrypoints.failures`. The names carry no ``Error`` suffix: a refusal is an answer, not a bug.
"""

from __future__ import annotations

from typing import ClassVar


class AuthError(Exception):
    """The root of all refusals."""

    code: ClassVar[str] = "refused"


class Malformed(AuthError):
    """A value that cannot be what it is offered as; *reason* is a sentence for the person who typed it."""

    code = "malformed"

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class MalformedEmailAddress(Malformed):
    """Not one plain email address."""

    code = "malformed_email_address"


class MalformedUsername(Malformed):
    """Not a username; *reason* says which rule it breaks."""

    code = "malformed_username"


class MalformedPassword(Malformed):
    """Text that no password may hold: too long to normalise, NUL, or not encodable."""

    code = "malformed_password"


class WeakPassword(AuthError):
    """A password that the policy forbids; *reason* is always given (NIST SP 800-63B-4, 3.1.1.2)."""

    code = "weak_password"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UsernameTaken(AuthError):
    """Another account holds this username."""

    code = "username_taken"


class AddressTaken(AuthError):
    """Another account holds this address; said only to somebody who has proved the mailbox, or to an operator."""

    code = "address_taken"


class AddressUnchanged(AuthError):
    """The new address is the one the account already has."""

    code = "address_unchanged"


class UndoPending(AuthError):
    """The former address may still undo the last change, so the address stays and the account stays open."""

    code = "undo_pending"


class InvalidCredentials(AuthError):
    """No active account with this identifier and password; never says which of them is wrong."""

    code = "invalid_credentials"


class WrongPassword(InvalidCredentials):
    """The password of an account that is known already, by its session or its link, does not match."""

    code = "wrong_password"


class InvalidToken(AuthError):
    """Forged, spent, void, expired or meant for something else: the same answer for all, on purpose."""

    code = "invalid_token"


class NotLoggedIn(AuthError):
    """There is no valid session."""

    code = "not_logged_in"


class ProofNeeded(AuthError):
    """The session is valid, but the password was not typed recently enough for this."""

    code = "proof_needed"


class Forbidden(AuthError):
    """The account lacks the permission."""

    code = "forbidden"


class UnknownAccount(AuthError):
    """No account has this id, address or username; for operators only."""

    code = "unknown_account"


class UnknownSession(AuthError):
    """The account has no session with this id."""

    code = "unknown_session"


class UnknownLetter(AuthError):
    """No dead letter has this id; for operators only. *reason* says which id it was."""

    code = "unknown_letter"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownRole(AuthError):
    """No role has this name."""

    code = "unknown_role"


class WrongState(AuthError):
    """The account is not in the state that this change starts from; *reason* says what it would have to be."""

    code = "wrong_state"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StaleAccount(AuthError):
    """Somebody else changed the account between reading and writing it."""

    code = "stale_account"


class ComeBackLater(AuthError):
    """Not now; *retry_after* is in whole seconds."""

    code = "come_back_later"

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(retry_after)
        self.retry_after = max(1, retry_after)


class TooManyAttempts(ComeBackLater):
    """A network has used up what it may ask for, or it or a typed identifier its guesses; only time frees it."""

    code = "too_many_attempts"


class Busy(ComeBackLater):
    """Every hashing slot is taken and the line is full."""

    code = "busy"


class Unavailable(ComeBackLater):
    """The database did not answer in time, was locked, or rolled back a deadlock."""

    code = "unavailable"


class ClocksDiffer(ComeBackLater):
    """The clocks of this machine and of the database differ too much to decide what is due."""

    code = "clocks_differ"


class MailError(Exception):
    """The root of what a mailer reports; never shown to the person who asked for the letter."""


class MailDelayed(MailError):
    """Not delivered now; trying again later may help."""


class MailRefused(MailError):
    """Refused for good; trying again cannot help."""
