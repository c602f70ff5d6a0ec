"""SMTP mailer: letters leave through a mail server, over verified TLS."""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import attrs

from offbrand.domain.errors import MailDelayed, MailError, MailRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.adapters.mail.composer import Composer
    from offbrand.domain.letters import ReadyLetter
    from offbrand.domain.values import Secret

_LOG = logging.getLogger(__name__)
TIMEOUT = 10.0
_ENHANCED = re.compile(rb"^([245]\.\d{1,3}\.\d{1,3})\b")


class Protection(StrEnum):
    """How the connection is protected, by the scheme of the server's URL."""

    STARTTLS = "smtp"
    TLS = "smtps"
    NONE = "smtp+plain"


_STAGES = {
    smtplib.SMTPSenderRefused: "the sender",
    smtplib.SMTPDataError: "the letter",
    smtplib.SMTPAuthenticationError: "our login",
}
_PORTS = {Protection.STARTTLS: 587, Protection.TLS: 465, Protection.NONE: 25}


@attrs.frozen(kw_only=True)
class Server:
    """A mail server, and how to log in to it."""

    protection: Protection
    host: str
    port: int
    username: str | None = None
    password: str = attrs.field(default="", repr=False)

    @classmethod
    def parse(cls, url: Secret) -> Server:
        """
        Read ``smtp://user:password@host:587`` (STARTTLS), ``smtps://`` (TLS) or ``smtp+plain://`` (a local relay).

        Raises:
            ValueError: If *url* is anything else; the text does not repeat it.
        """
        try:
            parts = urlsplit(url.reveal())
            protection = Protection(parts.scheme)
            port = parts.port or _PORTS[protection]
        except ValueError:
            # From None: the text of the cause may hold a piece of the password.
            raise ValueError("the mail server's URL must be like smtp://user:password@host:587") from None
        if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("the mail server's URL must be a host, and a username and password where it needs them")
        username = None if parts.username is None else unquote(parts.username)
        password = unquote(parts.password or "")
        if username is not None and not (username and password):
            raise ValueError("the mail server's URL must have both a username and a password, or neither")
        if username is not None and protection is Protection.NONE:
            raise ValueError("the mail server's URL must not have a password without TLS")
        if not f"{username or ''}{password}".isascii():
            raise ValueError("the mail server's username and password must be ASCII")
        return cls(protection=protection, host=parts.hostname, port=port, username=username, password=password)


class SmtpMailer:
    """
    A `Mailer` with one connection for each letter.

    Without TLS that it can trust it sends nothing at all, neither a letter nor the password: that, and a login that
    fails, is for the operator to mend, and so are refusals of the sender; meanwhile letters are delayed. What is
    reported repeats nothing that the server said but its codes, because servers quote addresses and links.

    Raises:
        ValueError: If *url* is not that of a mail server.
    """

    def __init__(self, url: Secret, composer: Composer, timeout: float = TIMEOUT) -> None:
        self._server = Server.parse(url)
        self._composer = composer
        self._timeout = timeout

    def send(self, letter: ReadyLetter) -> None:
        """
        Compose the letter and hand it over; one to nobody is only composed.

        Raises:
            MailDelayed: If trying again may help.
            MailRefused: If it cannot: the server refuses the recipient or the letter for good.
        """
        message = self._composer.compose(letter)
        if letter.recipient is None:
            return
        content = message.as_bytes()
        with _translated(), self._connected() as connection:
            connection.sendmail(self._composer.sender, [str(letter.recipient)], content)
            # Accepted. Whatever goes wrong while taking leave must not make it leave twice.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def greet(self) -> bool:
        """
        Do all that sending takes up to the letter, and take leave; return whether TLS protected it.

        Raises:
            MailDelayed: If a letter could not leave now.
        """
        with _translated("The mail server cannot be used."), self._connected() as connection:
            connection.ehlo_or_helo_if_needed()
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        return self._server.protection is not Protection.NONE

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server, timeout = self._server, self._timeout
        connection: smtplib.SMTP
        if server.protection is Protection.TLS:
            connection = smtplib.SMTP_SSL(
                server.host, server.port, timeout=timeout, context=ssl.create_default_context()
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=timeout)
        # Whatever a host has set for all of smtplib: its debugging prints passwords and links (law L9).
        connection.set_debuglevel(0)
        try:
            if server.protection is Protection.STARTTLS:
                # Given explicitly: without a context of one's own, smtplib verifies nothing.
                connection.starttls(context=ssl.create_default_context())
            if server.username is not None:
                connection.login(server.username, server.password)
            yield connection
        finally:
            connection.close()


@contextmanager
def _translated(what: str = "A letter could not leave.") -> Iterator[None]:
    """Turn what smtplib raises into delays and refusals."""
    try:
        yield
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # ValueError: what smtplib makes of an answer that is no answer.
        outcome = _outcome(error)
        _LOG.warning("%s %s", what, outcome)
        raise outcome from None


def _outcome(error: Exception) -> MailError:
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=recipients):
            refused = "the recipient"
            code, reply = next(iter(recipients.values()))
        case smtplib.SMTPResponseException(smtp_code=int(code), smtp_error=reply):
            refused = next((what for kind, what in _STAGES.items() if isinstance(error, kind)), "us")
        case _:
            return MailDelayed(_trouble(error))
    text = f"The mail server refused {refused}: {_codes(code, reply)}."
    # RFC 5321, 4.2.1: 5xx is for good. Yet the sender and the login are the same for all letters, and can be mended.
    is_final = refused in ("the recipient", "the letter") and 500 <= code < 600  # noqa: PLR2004 - that range
    return MailRefused(text) if is_final else MailDelayed(text)


def _trouble(error: Exception) -> str:
    match error:
        case smtplib.SMTPNotSupportedError():
            trouble = "does not offer STARTTLS, or no login; nothing was sent in clear"
        case smtplib.SMTPServerDisconnected():
            # Which of the two, smtplib does not tell once the connection stands.
            trouble = "closed the connection or did not answer in time"
        case ssl.SSLCertVerificationError(verify_message=reason):
            trouble = f"has a certificate that cannot be trusted: {reason}"
        case ssl.SSLError(reason=reason):
            trouble = f"speaks no TLS with us: {reason}"
        case TimeoutError():
            trouble = "did not answer in time"
        case OSError(strerror=str(reason)):
            trouble = f"cannot be reached: {reason}"
        case _:
            trouble = f"answered what cannot be understood: {type(error).__name__}"
    return f"The mail server {trouble}."


def _codes(code: int, reply: bytes | str) -> str:
    raw = reply if isinstance(reply, bytes) else reply.encode("ascii", "replace")
    enhanced = _ENHANCED.match(raw)
    return f"{code} {enhanced[1].decode()}" if enhanced else str(code)
