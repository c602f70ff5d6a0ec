"""Parsing: text from outside becomes values, alike for every door and every host application."""

from __future__ import annotations

from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from offbrand.domain.errors import (
    InvalidCredentials,
    Malformed,
    MalformedEmailAddress,
    UnknownAccount,
    UnknownSession,
)
from offbrand.domain.values import EMAIL_MAX, AccountId, EmailAddress, SessionId, Username


def email_address(text: str) -> EmailAddress:
    """
    Read an email address; an international domain becomes its ASCII form, spaces around the address are dropped.

    Raises:
        MalformedEmailAddress: If it is not one plain address that mail can reach.
    """
    stripped = text.strip(" ")
    if len(stripped) > EMAIL_MAX:
        raise MalformedEmailAddress(f"Email addresses have at most {EMAIL_MAX} characters.")
    try:
        valid = validate_email(stripped, check_deliverability=False, allow_smtputf8=False)
    except (EmailNotValidError, UnicodeError, ValueError):
        raise MalformedEmailAddress from None
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

    Raises:
        InvalidCredentials: If no account could have it; a login does not explain.
    """
    try:
        return email_address(text) if "@" in text else Username.parse(text)
    except Malformed:
        raise InvalidCredentials from None


def account_name(text: str) -> AccountId | EmailAddress | Username:
    """
    Read how an operator names an account: by id, address or username.

    Raises:
        UnknownAccount: If no account could have that name.
    """
    try:
        return AccountId(UUID(text))
    except ValueError:
        pass
    try:
        return email_address(text) if "@" in text else Username.parse(text)
    except Malformed:
        raise UnknownAccount from None


def session_id(text: str) -> SessionId:
    """
    Read the id of a session as pages show it.

    Raises:
        UnknownSession: If no session could have it.
    """
    try:
        return SessionId(UUID(text))
    except ValueError:
        raise UnknownSession from None
