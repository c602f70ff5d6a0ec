"""Parsing: text from outside becomes values, alike for every door and every host application."""

from __future__ import annotations

import hashlib
import re
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from offbrand.domain.errors import (
    Malformed,
    MalformedEmailAddress,
    UnknownAccount,
    UnknownSession,
)
from offbrand.domain.values import EMAIL_MAX, AccountId, EmailAddress, SessionId, Username

# Longer than anything that has a value, blanks around an address included; no more is looked at, however much was sent.
_TYPED_MAX = 1024
# Others are possible (RFC 6531), but too few mail servers on the way take them.
_ONLY_ASCII = "Before the @, email addresses have only letters from a to z, numbers and signs like . _ + or -."
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def email_address(text: str) -> EmailAddress:
    """
    Read an email address; an international domain becomes its ASCII form, spaces around the address are dropped.

    Raises:
        MalformedEmailAddress: If it is not one plain address that every mail server can reach.
    """
    stripped = text[: _TYPED_MAX + 1].strip(" ")
    if len(text) > _TYPED_MAX or len(stripped) > EMAIL_MAX:
        raise MalformedEmailAddress(f"Email addresses have at most {EMAIL_MAX} characters.")
    try:
        valid = validate_email(stripped, check_deliverability=False, allow_smtputf8=False)
    except (EmailNotValidError, UnicodeError, ValueError):
        raise MalformedEmailAddress(_ONLY_ASCII if not stripped.rpartition("@")[0].isascii() else "") from None
    return EmailAddress.parse(f"{valid.ascii_local_part}@{valid.ascii_domain}")


def username(text: str) -> Username:
    """
    Read a username.

    Raises:
        MalformedUsername: If it breaks a rule; the reason says which.
    """
    return Username.parse(text)


def identifier(text: str) -> EmailAddress | Username:
    """
    Read what somebody logs in with: an address if it has an ``@``, which no username can have.

    What no account could have becomes a username that none has, of its own for each text: a login does not explain,
    and counts and costs the same whatever was typed.
    """
    try:
        return _address_or_username(text)
    except Malformed:
        # By its digest, as it may be of any length, hold what no database takes, or be a password (law L9).
        known_by = f"{len(text)} {text[:_TYPED_MAX]}".encode("utf-8", "surrogatepass")
        return Username(f"?{hashlib.sha256(known_by).hexdigest()}")


def account_name(text: str) -> AccountId | EmailAddress | Username:
    """
    Read how an operator names an account: by id, address or username.

    Raises:
        UnknownAccount: If no account could have that name.
    """
    try:
        return AccountId(_uuid(text))
    except ValueError:
        pass
    try:
        return _address_or_username(text)
    except Malformed:
        raise UnknownAccount from None


def session_id(text: str) -> SessionId:
    """
    Read the id of a session as pages show it.

    Raises:
        UnknownSession: If no session could have it.
    """
    try:
        return SessionId(_uuid(text))
    except ValueError:
        raise UnknownSession from None


def _address_or_username(text: str) -> EmailAddress | Username:
    return email_address(text) if "@" in text[:_TYPED_MAX] else Username.parse(text)


def _uuid(text: str) -> UUID:
    # With its hyphens, which no username has; Python would also read 32 letters, braces, and digits of any script.
    if _ID.fullmatch(text) is None:
        raise ValueError
    return UUID(text)
