"""Settings: places, keys and numbers of one deployment, read from OFFBRAND_* variables and checked at once."""

from __future__ import annotations

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
from offbrand.settings.environment import Reader, SettingsError
from offbrand.settings.secret_keys import secret_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

_POLICY = Policy()
_LIFETIMES = {
    Purpose.CONFIRMATION: "CONFIRMATION_LIFETIME",
    Purpose.PASSWORD_RESET: "RESET_LIFETIME",
    Purpose.EMAIL_CHANGE: "EMAIL_CHANGE_LIFETIME",
    Purpose.EMAIL_UNDO: "EMAIL_UNDO_LIFETIME",
}
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
_BASE_URL_FORM = "OFFBRAND_BASE_URL must be like https://example.org, in ASCII."
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
# OWASP ASVS 5.0, appendix C: the least that Argon2id may cost, as memory in KiB for passes of at least that number.
_HASH_FLOORS = ((3, 12 * 1024), (2, 19 * 1024), (1, 46 * 1024))


__all__ = ["Settings", "SettingsError"]


@attrs.frozen(kw_only=True)
class Settings:
    """
    Everything that one deployment decides.

    In development the secret key and the mailbox lie beside the database; in production nothing is made up.
    ``smtp_url`` is None for the development mailbox, ``key_file`` where the environment has the keys.
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
    key_file: Path | None = None

    @property
    def is_hash_dear_enough(self) -> bool:
        """Whether hashing costs at least what OWASP ASVS asks for; production does not start otherwise."""
        return any(self.hash_passes >= passes and self.hash_memory_kib >= memory for passes, memory in _HASH_FLOORS)

    @property
    def keeps_letters(self) -> bool:
        """Whether letters stay on this machine, in the development mailbox."""
        return not self.production and self.smtp_url is None

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
        read = Reader(environ)
        production = read.choice("ENV", "production", "development") == "production"
        database_url = read.text("DATABASE_URL", "sqlite:///offbrand.db")
        keys = read.text("SECRET_KEYS")
        settings = cls(
            production=production,
            database_url=Secret(_checked_database_url(database_url)),
            secret_keys=(),
            base_url=_base_url(read.text("BASE_URL"), production=production),
            smtp_url=_smtp_url(read.text("SMTP_URL"), production=production),
            mail_sender=_sender(read.text("MAIL_SENDER"), production=production),
            mail_subject_prefix=read.line("MAIL_SUBJECT_PREFIX", "[Offbrand]"),
            trusted_proxies=read.number("TRUSTED_PROXIES", 0, 0, 10),
            hash_slots=read.number("HASH_SLOTS", os.cpu_count() or 1, 1, 1024),
            hash_memory_kib=read.number("HASH_MEMORY_KIB", 64 * 1024, 8, 4 * 1024 * 1024),
            hash_passes=read.number("HASH_PASSES", 3, 1, 100),
            hash_lanes=read.number("HASH_LANES", 4, 1, 64),
            breached_passwords_file=read.file("BREACHED_PASSWORDS_FILE"),
            delivery_thread=read.choice("DELIVERY_THREAD", "on", "off") == "on",
            mailbox=_beside(database_url, ".mailbox"),
            policy=_policy(read),
        )
        if read.text("THROTTLE_URL"):
            raise SettingsError("OFFBRAND_THROTTLE_URL cannot be used yet: guesses are counted in the database.")
        read.check_spelling()
        settings._check_hash_cost()
        # Last, so that nothing is made for settings that are wrong.
        key_file = None if production or keys else _beside(database_url, ".key")
        return attrs.evolve(settings, secret_keys=secret_keys(keys, key_file), key_file=key_file)

    def _check_hash_cost(self) -> None:
        if self.hash_memory_kib < 8 * self.hash_lanes:
            raise SettingsError("OFFBRAND_HASH_MEMORY_KIB must be at least 8 for each of OFFBRAND_HASH_LANES.")
        if self.production and not self.is_hash_dear_enough:
            raise SettingsError("OFFBRAND_HASH_MEMORY_KIB and OFFBRAND_HASH_PASSES are below what ASVS 5.0 allows.")


def _policy(read: Reader) -> Policy:
    lifetimes = {purpose: read.duration(name, _POLICY.lifetimes[purpose]) for purpose, name in _LIFETIMES.items()}
    if lifetimes[Purpose.PASSWORD_RESET] > timedelta(hours=24):
        # NIST SP 800-63B-4, 4.2.1.2: a recovery code that is sent by mail lives 24 hours at the most.
        raise SettingsError("OFFBRAND_RESET_LIFETIME must be at most 24h.")
    return Policy(
        product=read.line("PRODUCT", _POLICY.product),
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
    kind = url.partition(":")[0].partition("+")[0]
    if kind not in ("sqlite", "postgresql", "mariadb"):
        raise SettingsError("OFFBRAND_DATABASE_URL must begin with sqlite, postgresql or mariadb.")
    return url


def _beside(database_url: str, suffix: str) -> Path:
    """Return a path beside the SQLite file, or in the working directory where the database is no file."""
    scheme, _, path = database_url.partition(":///")
    is_file = scheme.startswith("sqlite") and path and path != ":memory:"
    return Path((path.partition("?")[0] if is_file else "offbrand") + suffix)


def _base_url(raw: str, *, production: bool) -> str:
    if not raw and production:
        raise SettingsError("OFFBRAND_BASE_URL is required in production, for example https://example.org.")
    raw = raw or "http://localhost:8000"
    try:
        parts = urlsplit(raw)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise SettingsError(_BASE_URL_FORM) from None
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(_BASE_URL_FORM)
    if parts.path not in ("", "/"):
        raise SettingsError("OFFBRAND_BASE_URL must have no path.")
    if production and parts.scheme != "https" and host not in _LOCAL_HOSTS:
        raise SettingsError("OFFBRAND_BASE_URL must begin with https in production.")
    # As browsers write an origin, because it is compared with what they send.
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, _PORTS[parts.scheme]) else "")


def _smtp_url(raw: str, *, production: bool) -> Secret | None:
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


def _sender(raw: str, *, production: bool) -> str:
    if not raw and production:
        raise SettingsError("OFFBRAND_MAIL_SENDER is required in production: the address that letters come from.")
    raw = raw or "offbrand@localhost.localdomain"
    if not re.fullmatch(r"[^\s<>@,;]+@[^\s<>@,;]+\.[^\s<>@,;]+", raw) or not raw.isprintable():
        raise SettingsError("OFFBRAND_MAIL_SENDER must be an email address.")
    return raw
