"""Settings: places, keys and numbers of one deployment, read from OFFBRAND_* variables and checked at once."""

from __future__ import annotations

import difflib
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from offbrand.domain.claims import Purpose
from offbrand.domain.policy import Policy
from offbrand.domain.session import Terms
from offbrand.domain.values import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "OFFBRAND_"
KEY_BYTES = 32
_POLICY = Policy()
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
# OWASP ASVS 5.0, appendix C: the least that Argon2id may cost, as memory in KiB for passes of at least that number.
_HASH_FLOORS = ((3, 12 * 1024), (2, 19 * 1024), (1, 46 * 1024))


class SettingsError(Exception):
    """A setting is wrong or missing; the text is one sentence that names it."""


class _Reader:
    """Takes settings out of an environment and says in one sentence what is wrong with one."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        self._known.add(PREFIX + name)
        return self._environ.get(PREFIX + name, default).strip()

    def number(self, name: str, default: int, low: int, high: int) -> int:
        raw = self.text(name, str(default))
        if not re.fullmatch(r"\d{1,9}", raw) or not low <= int(raw) <= high:
            raise SettingsError(f"{PREFIX}{name} must be a whole number from {low} to {high}.")
        return int(raw)

    def flag(self, name: str, *, default: bool) -> bool:
        raw = self.text(name, "on" if default else "off").lower()
        if raw not in ("on", "off"):
            raise SettingsError(f"{PREFIX}{name} must be on or off.")
        return raw == "on"

    def duration(self, name: str, default: timedelta) -> timedelta:
        raw = self.text(name) or f"{int(default.total_seconds())}s"
        match = re.fullmatch(r"([1-9]\d{0,8})([smhd])", raw)
        if match is None:
            raise SettingsError(f"{PREFIX}{name} must be a duration such as 90s, 15m, 12h or 30d.")
        seconds = int(match[1]) * _UNITS[match[2]]
        if seconds > 3650 * _UNITS["d"]:
            raise SettingsError(f"{PREFIX}{name} must be at most 3650d.")
        return timedelta(seconds=seconds)

    def check_spelling(self) -> None:
        # Only near misses: an orchestrator may put variables of its own under this prefix.
        for name in sorted(self._environ):
            if name.startswith(PREFIX) and name not in self._known:
                meant = difflib.get_close_matches(name, self._known, n=1, cutoff=0.85)
                if meant:
                    raise SettingsError(f"{name} is not a setting; did you mean {meant[0]}?")


@attrs.frozen(kw_only=True)
class Settings:
    """
    Everything that one deployment decides.

    In development the secret key and the mailbox lie beside the database; in production nothing is made up.
    ``smtp_url`` is None for the development mailbox. ``policy`` carries the numbers that the domain reads.
    """

    production: bool
    database_url: Secret
    secret_keys: tuple[Secret, ...]
    base_url: str
    smtp_url: Secret | None
    mail_sender: str
    mail_subject_prefix: str
    trusted_proxies: int
    hash_slots: int
    hash_memory_kib: int
    hash_passes: int
    hash_lanes: int
    breached_passwords_file: Path | None
    delivery_thread: bool
    mailbox: Path
    policy: Policy

    @property
    def is_https(self) -> bool:
        """Whether visitors come over TLS, so that cookies can be bound to it."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """
        Read and check the environment; in development, make the secret key if there is none.

        Raises:
            SettingsError: If a setting is wrong or missing; the first one that is.
        """
        read = _Reader(environ)
        environment = read.text("ENV", "production")
        if environment not in ("production", "development"):
            raise SettingsError("OFFBRAND_ENV must be production or development.")
        production = environment == "production"
        database_url = read.text("DATABASE_URL", "sqlite:///offbrand.db")
        keys = read.text("SECRET_KEYS")
        settings = cls(
            production=production,
            database_url=Secret(_checked_database_url(database_url)),
            secret_keys=_secret_keys(keys, None if production else _beside(database_url, ".key")),
            base_url=_base_url(read.text("BASE_URL", "" if production else "http://localhost:8000"), production),
            smtp_url=_smtp_url(read.text("SMTP_URL"), production),
            mail_sender=_sender(read.text("MAIL_SENDER", "" if production else "offbrand@localhost.localdomain")),
            mail_subject_prefix=_header(read, "MAIL_SUBJECT_PREFIX", "[Offbrand]"),
            trusted_proxies=read.number("TRUSTED_PROXIES", 0, 0, 10),
            hash_slots=read.number("HASH_SLOTS", os.cpu_count() or 1, 1, 1024),
            hash_memory_kib=read.number("HASH_MEMORY_KIB", 64 * 1024, 8, 4 * 1024 * 1024),
            hash_passes=read.number("HASH_PASSES", 3, 1, 100),
            hash_lanes=read.number("HASH_LANES", 4, 1, 64),
            breached_passwords_file=_file(read, "BREACHED_PASSWORDS_FILE"),
            delivery_thread=read.flag("DELIVERY_THREAD", default=True),
            mailbox=_beside(database_url, ".mailbox"),
            policy=_policy(read),
        )
        read.check_spelling()
        if production:
            _check_hash_cost(settings)
        return settings


def _policy(read: _Reader) -> Policy:
    lifetimes = {
        purpose: read.duration(name, _POLICY.lifetimes[purpose])
        for purpose, name in (
            (Purpose.CONFIRMATION, "CONFIRMATION_LIFETIME"),
            (Purpose.PASSWORD_RESET, "RESET_LIFETIME"),
            (Purpose.EMAIL_CHANGE, "EMAIL_CHANGE_LIFETIME"),
            (Purpose.EMAIL_UNDO, "EMAIL_UNDO_LIFETIME"),
        )
    }
    if lifetimes[Purpose.PASSWORD_RESET] > timedelta(hours=24):
        # NIST SP 800-63B-4, 4.2.1.2: a recovery code that is sent by mail lives 24 hours at the most.
        raise SettingsError("OFFBRAND_RESET_LIFETIME must be at most 24h.")
    return Policy(
        product=_header(read, "PRODUCT", _POLICY.product),
        password_min=read.number("PASSWORD_MIN_LENGTH", _POLICY.password_min, _POLICY.password_min, 64),
        lifetimes=lifetimes,
        invitation_lifetime=read.duration("INVITATION_LIFETIME", _POLICY.invitation_lifetime),
        session=Terms(
            absolute=read.duration("SESSION_LIFETIME", _POLICY.session.absolute),
            idle=read.duration("SESSION_IDLE", _POLICY.session.idle),
        ),
        remembered_session=Terms(
            absolute=(remembered := read.duration("REMEMBERED_LIFETIME", _POLICY.remembered_session.absolute)),
            idle=remembered,
        ),
        closed_for=read.duration("CLOSED_FOR", _POLICY.closed_for),
        retention=read.duration("RETENTION", _POLICY.retention),
    )


def _checked_database_url(url: str) -> str:
    kind = urlsplit(url).scheme.partition("+")[0]
    if kind not in ("sqlite", "postgresql", "mariadb", "mysql"):
        raise SettingsError("OFFBRAND_DATABASE_URL must begin with sqlite, postgresql or mariadb.")
    return url


def _beside(database_url: str, suffix: str) -> Path:
    """Return a path beside the SQLite file, or in the working directory where the database is no file."""
    scheme, _, path = database_url.partition(":///")
    is_file = scheme.startswith("sqlite") and path and path != ":memory:"
    return Path((path.partition("?")[0] if is_file else "offbrand") + suffix)


def _secret_keys(raw: str, made_at: Path | None) -> tuple[Secret, ...]:
    if not raw and made_at is not None:
        raw = _kept_key(made_at)
    keys = [key.strip() for key in raw.split(",")] if raw else []
    if not keys:
        raise SettingsError("OFFBRAND_SECRET_KEYS is required in production: random text of at least 32 bytes.")
    for key in keys:
        if len(key.encode()) < KEY_BYTES or len(set(key)) < 10:
            raise SettingsError("OFFBRAND_SECRET_KEYS must each be random text of at least 32 bytes.")
    return tuple(map(Secret, keys))


def _kept_key(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(KEY_BYTES).hex())
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(f"OFFBRAND_SECRET_KEYS is not set and {path} cannot be made: {error.strerror}.") from None
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"OFFBRAND_SECRET_KEYS is not set and {path} cannot be read: {error.strerror}.") from None


def _base_url(raw: str, production: bool) -> str:
    if not raw:
        raise SettingsError("OFFBRAND_BASE_URL is required in production, for example https://example.org.")
    try:
        parts = urlsplit(raw)
        host = parts.hostname or ""
        parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        raise SettingsError("OFFBRAND_BASE_URL must be like https://example.org.")
    if parts.path not in ("", "/"):
        raise SettingsError("OFFBRAND_BASE_URL must have no path.")
    if production and parts.scheme != "https" and host not in _LOCAL_HOSTS:
        raise SettingsError("OFFBRAND_BASE_URL must begin with https in production.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _smtp_url(raw: str, production: bool) -> Secret | None:
    if not raw:
        if production:
            raise SettingsError("OFFBRAND_SMTP_URL is required in production, like smtp://user:password@host:587.")
        return None
    try:
        parts = urlsplit(raw)
        usable = parts.scheme in ("smtp", "smtps", "smtp+plain") and parts.hostname and (parts.port or True)
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError("OFFBRAND_SMTP_URL must be like smtp://user:password@host:587, smtps:// or smtp+plain://.")
    return Secret(raw)


def _sender(raw: str) -> str:
    if not re.fullmatch(r"[^\s<>@,;]+@[^\s<>@,;]+\.[^\s<>@,;]+", raw) or not raw.isprintable():
        raise SettingsError("OFFBRAND_MAIL_SENDER must be an email address.")
    return raw


def _header(read: _Reader, name: str, default: str) -> str:
    text = read.text(name, default)
    if not text.isprintable() or len(text) > 64:
        raise SettingsError(f"{PREFIX}{name} must be one line of at most 64 characters.")
    return text


def _file(read: _Reader, name: str) -> Path | None:
    raw = read.text(name)
    if not raw:
        return None
    if not Path(raw).is_file() or not os.access(raw, os.R_OK):
        raise SettingsError(f"{PREFIX}{name} must be a file that can be read.")
    return Path(raw)


def _check_hash_cost(settings: Settings) -> None:
    if not any(
        settings.hash_passes >= passes and settings.hash_memory_kib >= memory for passes, memory in _HASH_FLOORS
    ):
        raise SettingsError("OFFBRAND_HASH_MEMORY_KIB and OFFBRAND_HASH_PASSES are below what ASVS 5.0 allows.")
