"""Composer: letters become messages of text and HTML, from one pair of templates for each kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

import attrs
from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from offbrand.adapters.mail.origins import browser_name, network_name
from offbrand.domain.errors import MailRefused
from offbrand.domain.letters import PURPOSES, LetterKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from offbrand.domain.claims import Purpose
    from offbrand.domain.letters import ReadyLetter
    from offbrand.domain.values import EmailAddress, Token

SUBJECTS: Mapping[LetterKind, str] = {
    LetterKind.CONFIRMATION: "Confirm your account",
    LetterKind.ALREADY_REGISTERED: "This address already has an account",
    LetterKind.INVITATION: "You are invited",
    LetterKind.PASSWORD_RESET: "Reset your password",
    LetterKind.EMAIL_CHANGE: "Confirm your new email address",
    LetterKind.EMAIL_CHANGED: "Your email address was changed",
    LetterKind.EMAIL_RESTORED: "Your account is back at this address",
    LetterKind.PASSWORD_CHANGED: "Your password was changed",
    LetterKind.NEW_LOGIN: "New login to your account",
    LetterKind.ACCOUNT_CLOSED: "Your account was closed",
}

# Not `%B`, which speaks the language of the process.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_OURS = PackageLoader("offbrand.adapters.mail")


def default_links(base_url: str) -> Callable[[Purpose, Token], str]:
    """Return what turns a purpose and a token into a link to offbrand's own page."""
    root = base_url.rstrip("/")

    def link(purpose: Purpose, token: Token) -> str:
        return f"{root}/auth/{purpose}/{token.reveal()}"

    return link


@attrs.frozen(kw_only=True)
class Composer:
    """
    Turns letters into messages.

    A host gives its own *links* where its pages stand elsewhere, and a loader as *templates* to say things its own
    way: whatever template that has, ``layout.html`` and ``layout.txt`` included, is used in place of ours. Without our
    pages, where letters would lead to these without a token, they lead to the host's first one.

    Raises:
        ValueError: If what goes into a header is more than a plain line, or the sender is no address.
    """

    links: Callable[[Purpose, Token], str]
    base_url: str
    sender: str
    subject_prefix: str
    product: str
    templates: BaseLoader | None = None
    has_our_pages: bool = True
    _from: Address = attrs.field(init=False)
    _environment: Environment = attrs.field(init=False)

    @_from.default
    def _checked_sender(self) -> Address:
        if not all(text.isprintable() for text in (self.sender, self.subject_prefix, self.product)):
            raise ValueError("the sender, the prefix of subjects and the name of the product must be plain lines")
        address = _address(self.sender)
        if address is None:
            raise ValueError("the sender must be one plain email address")
        return Address(self.product, address.username, address.domain)

    @_environment.default
    def _loaded(self) -> Environment:
        return Environment(
            loader=ChoiceLoader([self.templates, _OURS]) if self.templates else _OURS,
            autoescape=select_autoescape(enabled_extensions=("html",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def compose(self, letter: ReadyLetter) -> EmailMessage:
        """
        Return the message; one for nobody has no ``To`` but everything else.

        Raises:
            MailRefused: If no mail can be addressed to the recipient.
        """
        message = EmailMessage(policy=SMTP)
        message["From"] = self._from
        if letter.recipient is not None:
            message["To"] = _recipient(letter.recipient)
        message["Subject"] = f"{self.subject_prefix} {SUBJECTS[letter.kind]}".strip()
        message["Date"] = letter.written_at
        message["Message-ID"] = f"<{letter.id}@{self._from.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nothing automatic shall answer
        content = self._content(letter)
        message.set_content(self._rendered(f"{letter.kind}.txt", content), cte="quoted-printable")
        message.add_alternative(self._rendered(f"{letter.kind}.html", content), subtype="html", cte="quoted-printable")
        return message

    def _rendered(self, name: str, content: Mapping[str, str | None]) -> str:
        return self._environment.get_template(name).render(content)

    def _content(self, letter: ReadyLetter) -> Mapping[str, str | None]:
        purpose = PURPOSES[letter.kind]
        site = self.base_url.rstrip("/")
        return {
            "subject": SUBJECTS[letter.kind],
            "product": self.product,
            "username": letter.username,
            "link": self.links(purpose, letter.token) if purpose and letter.token else None,
            "lifetime": _duration(letter.expires_at - letter.written_at) if letter.expires_at else None,
            "expires_at": _time(letter.expires_at) if letter.expires_at else None,
            "account_state": letter.account_state,
            "purge_at": _time(letter.purge_at) if letter.purge_at else None,
            "happened_at": _time(letter.written_at),
            "network": network_name(letter.network),
            "browser": browser_name(letter.user_agent),
            "login_page": f"{site}/auth/login" if self.has_our_pages else site,
            "reset_page": f"{site}/auth/reset" if self.has_our_pages else site,
        }


def _recipient(email: EmailAddress) -> Address:
    address = _address(str(email))
    if address is None:
        raise MailRefused("The recipient is no plain email address.")
    return address


def _address(text: str) -> Address | None:
    """Return the one address that *text* is, in ASCII and without anything around it."""
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        return None
    plain = text.isascii() and text.isprintable() and " " not in text
    return address if plain and text == f"{address.username}@{address.domain}" and address.domain else None


def _time(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


def _duration(length: timedelta) -> str:
    """Return the length in whole days, hours or minutes, rounded down: a link must not be promised to live longer."""
    days, hours, minutes = (length // timedelta(**{unit: 1}) for unit in ("days", "hours", "minutes"))
    if days > 1:
        return f"{days} days"
    if hours:
        return "1 hour" if hours == 1 else f"{hours} hours"
    return "1 minute" if minutes == 1 else f"{max(minutes, 0)} minutes"
