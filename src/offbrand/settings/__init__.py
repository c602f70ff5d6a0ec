"""Settings: places, keys and numbers of one deployment, read from OFFBRAND_* variables and checked at once."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from offbrand.domain.claims import Purpose
from offbrand.domain.policy import Policy
from offbrand.domain.session import Terms
from offbrand.domain.values import Secret
from offbrand.settings.database import beside, check_file, checked_url, file_of
from offbrand.settings.environment import Reader, SettingsError
from offbrand.settings.secret_keys import kept_key, secret_keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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
_THROTTLES = ("redis", "rediss", "valkey", "valkeys")
# OWASP ASVS 5.0, appendix C: the least that Argon2id may cost, as memory in KiB for passes of at least that number.
HASH_FLOORS = ((3, 12 * 1024), (2, 19 * 1024), (1, 46 * 1024))


__all__ = ["HASH_FLOORS", "Settings", "SettingsError", "is_local_host"]


@attrs.frozen(kw_only=True)
class Settings:
    """
    Everything that one deployment decides.

    In development the secret key and the mailbox lie beside the database; in production nothing is made up.
    ``smtp_url`` is None for the development mailbox, ``throttle_url`` where the database counts everything,
    ``key_file`` where the environment has the keys, and ``database_file`` where the database is none. ``unread`` names
    the OFFBRAND_* variables that are no settings.
    """

    production: bool
    database_url: Secret
    secret_keys: tuple[Secret, ...]
    base_url: str
    smtp_url: Secret | None
    throttle_url: Secret | None
    mail_sender: str
    mail_subject_prefix: str
    trusted_proxies: int
    hash_slots: int
    hash_memory_kib: int
    hash_passes: int
    hash_lanes: int
    breached_passwords_file: Path | None
    delivery_thread: bool
    log_format: str
    mailbox: Path
    policy: Policy
    key_file: Path | None = None
    database_file: Path | None = None
    unread: tuple[str, ...] = attrs.field(default=(), eq=False)

    @property
    def is_hash_dear_enough(self) -> bool:
        """Whether hashing costs at least what OWASP ASVS asks for; production does not start otherwise."""
        return any(self.hash_passes >= passes and self.hash_memory_kib >= memory for passes, memory in HASH_FLOORS)

    @property
    def is_local(self) -> bool:
        """Whether the base URL leads to the machine of whoever follows it."""
        return is_local_host(urlsplit(self.base_url).hostname)

    @property
    def development_key(self) -> Secret | None:
        """The key that development keeps beside the database and the mailbox, if one was made there."""
        return kept_key(self.mailbox.with_suffix(".key"))

    @property
    def keeps_letters(self) -> bool:
        """Whether letters stay on this machine, in the development mailbox."""
        return not self.production and self.smtp_url is None

    @property
    def is_https(self) -> bool:
        """Whether visitors come over TLS, so that cookies can be bound to it."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """
        Read and check *environ*, or this process's; in development, make the secret key if there is none.

        Raises:
            SettingsError: If a setting is wrong or missing; the first one that is.
        """
        # Not as the default: `help` shows that, keys included (law L9).
        read = Reader(os.environ if environ is None else environ)
        production = read.choice("ENV", "production", "development") == "production"
        database_url = read.text("DATABASE_URL", "sqlite:///offbrand.db")
        keys = read.text("SECRET_KEYS")
        settings = cls(
            production=production,
            database_url=Secret(checked_url(database_url)),
            secret_keys=(),
            base_url=_base_url(read.text("BASE_URL"), production=production),
            smtp_url=_smtp_url(read.text("SMTP_URL"), production=production),
            throttle_url=_throttle_url(read.text("THROTTLE_URL")),
            mail_sender=_sender(read.text("MAIL_SENDER"), production=production),
            mail_subject_prefix=read.line("MAIL_SUBJECT_PREFIX", "[Offbrand]"),
            trusted_proxies=read.number("TRUSTED_PROXIES", 0, 0, 10),
            hash_slots=read.number("HASH_SLOTS", os.cpu_count() or 1, 1, 1024),
            hash_memory_kib=read.number("HASH_MEMORY_KIB", 64 * 1024, 8, 4 * 1024 * 1024),
            hash_passes=read.number("HASH_PASSES", 3, 1, 100),
            hash_lanes=read.number("HASH_LANES", 4, 1, 64),
            breached_passwords_file=read.file("BREACHED_PASSWORDS_FILE"),
            delivery_thread=read.choice("DELIVERY_THREAD", "on", "off") == "on",
            log_format=read.choice("LOG_FORMAT", "text", "json"),
            mailbox=beside(database_url, ".mailbox"),
            database_file=file_of(database_url),
            policy=_policy(read),
        )
        read.check_spelling()
        settings._check_hash_cost()
        # Last, so that nothing is made for settings that are wrong.
        key_file = None if production or keys else beside(database_url, ".key")
        if key_file is not None and settings.database_file is not None and kept_key(key_file) is None:
            check_file(settings.database_file)
        return attrs.evolve(settings, secret_keys=secret_keys(keys, key_file), key_file=key_file, unread=read.unread())

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


def is_local_host(host: str | None) -> bool:
    """Return whether *host*, as it stands in a URL, is this machine; none is a file or a socket."""
    return not host or host in _LOCAL_HOSTS


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
    if production and parts.scheme != "https" and not is_local_host(host):
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


def _throttle_url(raw: str) -> Secret | None:
    if not raw:
        return None
    try:
        parts = urlsplit(raw)
        is_database = re.fullmatch(r"(/\d*)?", parts.path) is not None
        usable = parts.scheme in _THROTTLES and parts.hostname and is_database and (parts.port or True)
        usable = usable or (parts.scheme == "unix" and not parts.hostname and len(parts.path) > 1)
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(
            "OFFBRAND_THROTTLE_URL must be like redis://:password@host:6379/0, rediss:// or unix:///path."
        )
    return Secret(raw)


def _sender(raw: str, *, production: bool) -> str:
    if not raw and production:
        raise SettingsError("OFFBRAND_MAIL_SENDER is required in production: the address that letters come from.")
    raw = raw or "offbrand@localhost.localdomain"
    if not re.fullmatch(r"[^\s<>@,;]+@[^\s<>@,;]+\.[^\s<>@,;]+", raw) or not raw.isprintable():
        raise SettingsError("OFFBRAND_MAIL_SENDER must be an email address.")
    return raw
