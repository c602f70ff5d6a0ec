"""Values: the vocabulary of every layer; parsed once at a door, then trusted."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from datetime import timedelta
from typing import NewType, NoReturn
from uuid import UUID

import attrs

from offbrand.domain.errors import InvalidToken, MalformedEmailAddress, MalformedPassword, MalformedUsername

AccountId = NewType("AccountId", UUID)
SessionId = NewType("SessionId", UUID)

EMAIL_MAX = 254  # RFC 5321, 4.5.3.1.3: a path has 256 octets including its angle brackets
USERNAME_MAX = 64
PASSWORD_MAX = 256
TOKEN_MAX = 1024
# Nothing here waits or begins later than this; a time that lies further ahead was written by a clock that was wrong.
FARTHEST_AHEAD = timedelta(days=2)
_LOCAL_MAX = 64  # RFC 5321, 4.5.3.1.1
_USER_AGENT_MAX = 200
# RFC 6177: what is given to one subscriber is never less than a /64, and to one site hardly ever more than a /48.
_SUBSCRIBER_PREFIX, _SITE_PREFIX = 64, 48

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_USERNAME_TAIL = frozenset("0123456789._")
_RESERVED = frozenset(
    {
        *("abuse", "account", "admin", "administrator", "anonymous", "api", "auth", "everyone", "help", "hostmaster"),
        *("info", "login", "logout", "mailer.daemon", "me", "moderator", "nobody", "noreply", "null", "offbrand"),
        *("operator", "owner", "postmaster", "register", "root", "security", "staff", "support", "system"),
        *("undefined", "unknown", "webmaster"),
    }
)
# Writing systems that mix scripts in one word; everything else stays within one.
_SCRIPTS = (
    frozenset({"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"CJK", "HANGUL"}),
)


@attrs.frozen
class EmailAddress:
    """
    One plain address: ASCII local part with its case kept, ASCII domain in lower case.

    Letters go to ``text``; ``key``, the text in lower case, is what makes two addresses the same one.
    """

    text: str = attrs.field(eq=str.lower)

    @classmethod
    def parse(cls, raw: str) -> EmailAddress:
        """
        Read an address as RFC 5321 writes it, without quoted local parts, comments, groups and IP literals.

        Raises:
            MalformedEmailAddress: If *raw* is anything else.
        """
        local, at, domain = raw.rpartition("@")
        labels = domain.lower().split(".")
        # Asked before folding: the Kelvin sign, for one, would become an ASCII letter.
        plain = at and raw.isascii() and len(raw) <= EMAIL_MAX and len(local) <= _LOCAL_MAX and len(labels) > 1
        # No top-level domain is a number (RFC 3696, 2), so what ends in one is an IP address.
        if not (plain and _LOCAL_PART.fullmatch(local) and all(map(_LABEL.fullmatch, labels))) or labels[-1].isdigit():
            raise MalformedEmailAddress
        return cls(f"{local}@{domain.lower()}")

    @property
    def key(self) -> str:
        """The form of the unique column and of lookups."""
        return self.text.lower()

    def __str__(self) -> str:
        """Return the address as mail is sent to it."""
        return self.text


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


@attrs.frozen
class Username:
    """
    A public name: a letter, then letters, digits, dots and underscores, of one script, in NFC.

    ``key``, the folded text, is what makes two usernames the same one.
    """

    text: str = attrs.field(eq=_fold)

    @classmethod
    def parse(cls, raw: str) -> Username:
        """
        Read a username; nothing is trimmed or replaced but for NFC.

        Raises:
            MalformedUsername: If *raw* breaks a rule; the reason says which.
        """
        if not raw:
            raise MalformedUsername("Please choose a username.")
        if len(raw) > USERNAME_MAX:
            raise MalformedUsername(f"Usernames have at most {USERNAME_MAX} characters.")
        text = unicodedata.normalize("NFC", raw)
        if not text[0].isalpha() or not all(c.isalpha() or c in _USERNAME_TAIL for c in text):
            raise MalformedUsername(
                "Usernames begin with a letter and have only letters, numbers, dots or underscores."
            )
        username = cls(text)
        # Compatibility forms and letters whose folding is unstable would let two spellings meet in one key.
        if unicodedata.normalize("NFKC", text) != text or _fold(username.key) != username.key:
            raise MalformedUsername("Usernames cannot have this letter.")
        if not _of_one_script(text):
            raise MalformedUsername("Usernames cannot mix letters of different scripts.")
        if username.key in _RESERVED:
            raise MalformedUsername("This username is reserved.")
        return username

    @property
    def key(self) -> str:
        """The form of the unique column and of lookups."""
        return _fold(self.text)

    def __str__(self) -> str:
        """Return the name as its owner writes it."""
        return self.text


def _of_one_script(text: str) -> bool:
    scripts = {unicodedata.name(c, "UNKNOWN").split()[0] for c in text if c.isalpha()}
    return len(scripts) == 1 or any(scripts <= together for together in _SCRIPTS)


class Secret:
    """
    Text that shows itself to nobody who does not ask for it by `reveal`.

    A plain class and not an attrs one, because ``attrs.asdict`` would open it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; for adapters, the hasher's caller and the writer of cookies."""
        return self._text

    def __repr__(self) -> str:
        """Return the type's name and nothing else."""
        return f"{type(self).__name__}(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        """Compare in constant time, and only with the same kind of secret."""
        if not isinstance(other, Secret) or type(other) is not type(self):
            return NotImplemented
        return hmac.compare_digest(
            self._text.encode("utf-8", "surrogatepass"), other._text.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        """Hash like the text, so that equal secrets meet in a set."""
        return hash((type(self), self._text))

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied, which would write the text down."""
        msg = "secrets cannot be pickled"
        raise TypeError(msg)


class Password(Secret):
    """
    What a person typed, in NFC (NIST SP 800-63B-4, 3.1.1.2), never trimmed, folded or cut.

    The cap comes before normalising, whose cost grows with the text.

    Raises:
        MalformedPassword: If the text is over 256 code points, or holds NUL, a lone surrogate, or U+FFFD, which stands
            for what could not be read.
    """

    __slots__ = ()

    def __init__(self, text: str) -> None:
        if len(text) > PASSWORD_MAX:
            raise MalformedPassword(f"Passwords have at most {PASSWORD_MAX} characters.")
        if any(c in "\0\ufffd" or "\ud800" <= c <= "\udfff" for c in text):
            raise MalformedPassword("This password holds a character that cannot be typed.")
        super().__init__(unicodedata.normalize("NFC", text))


class PasswordHash(Secret):
    """A PHC string as the hasher made it."""

    __slots__ = ()


class Token(Secret):
    """
    Text that travels: a signed claim in a link, or the random name of a session or a device in a cookie.

    Raises:
        InvalidToken: If the text is longer than any token that was ever given out.
    """

    __slots__ = ()

    def __init__(self, text: str) -> None:
        if len(text) > TOKEN_MAX:
            raise InvalidToken
        super().__init__(text)

    def digest(self, context: str = "") -> str:
        """Return the SHA-256 in hexadecimal, the only form that is stored; *context* keeps equal tokens apart."""
        return hashlib.sha256(f"{context}\0{self._text}".encode("utf-8", "surrogatepass")).hexdigest()


def _printable(text: str | None) -> str | None:
    if text is None:
        return None
    return "".join(c for c in text[:_USER_AGENT_MAX] if c.isprintable()) or None


@attrs.frozen(kw_only=True)
class Client:
    """
    Who is asking, as far as a door can tell.

    ``network`` is an IP address; ``user_agent`` is cut and stripped of control characters, as anybody may write it.
    """

    network: str | None = attrs.field(default=None, converter=_printable)
    user_agent: str | None = attrs.field(default=None, converter=_printable)
    device: Token | None = None

    @property
    def subscriber(self) -> str | None:
        """What one subscriber holds: an IPv4 address, or the /64 around an IPv6 one; None for no network at all."""
        return self._within(_SUBSCRIBER_PREFIX)

    @property
    def site(self) -> str | None:
        """What one site may hold (RFC 6177): an IPv4 address, or the /48 around an IPv6 one; None for no network."""
        return self._within(_SITE_PREFIX)

    def _within(self, prefix: int) -> str | None:
        try:
            address = ipaddress.ip_address(self.network or "")
        except ValueError:
            return self.network
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, prefix), strict=False))
        return str(getattr(address, "ipv4_mapped", None) or address)

    def as_stranger(self) -> Client:
        """Return the client without its device, for an account that does not know it."""
        return attrs.evolve(self, device=None)
