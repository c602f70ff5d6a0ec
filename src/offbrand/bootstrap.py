"""Bootstrap: the one place that knows every adapter; settings become a core, and doors get their tools."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.adapters.argon2_hasher import Argon2Hasher
from offbrand.adapters.fallback_throttle import FallbackThrottle
from offbrand.adapters.itsdangerous_tokens import ItsdangerousTokens
from offbrand.adapters.mail.composer import Composer, default_links
from offbrand.adapters.mail.mailbox_mailer import MailboxMailer
from offbrand.adapters.mail.smtp_mailer import SmtpMailer
from offbrand.adapters.sql import inspection, schema, ways
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.guest import adopted
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.adapters.system_clock import SystemClock
from offbrand.adapters.zxcvbn_blocklist import guessable
from offbrand.domain.auth import Auth
from offbrand.domain.passwords import is_of_account
from offbrand.settings import SettingsError, is_local_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from jinja2 import BaseLoader
    from sqlalchemy import Connection, Engine

    from offbrand.adapters.redis_throttle import RedisThrottle
    from offbrand.adapters.sql.inspection import Deviation
    from offbrand.domain.claims import Purpose
    from offbrand.domain.ports import Mailer, PasswordHasher, Throttle
    from offbrand.domain.values import Token
    from offbrand.settings import Settings


def bootstrap(
    settings: Settings,
    *,
    engine: Engine | None = None,
    links: Callable[[Purpose, Token], str] | None = None,
    templates: BaseLoader | None = None,
    handover: Callable[[Engine], Callable[[Connection], object]] | None = None,
) -> Auth:
    """
    Return the core of one deployment.

    A host gives its own *engine* to share its pool, its own *links* when its pages stand elsewhere, and *templates* to
    word letters its own way. With a *handover*, an engine that the host has already is told of each letter, in the
    letter's own transaction. Make one core for each process: the hasher's slots are its own.

    Raises:
        SettingsError: If an adapter refuses its part of the settings, or the *engine* cannot be used.
    """
    clock = SystemClock()
    engine = _adopted(engine) if engine else _engine(settings)
    return Auth.assemble(
        unit_of_work=SqlUnitOfWork(engine, after_letter=_after_letter(engine, handover)),
        hasher=hasher(settings),
        tokens=ItsdangerousTokens(keys=settings.secret_keys, base_url=settings.base_url, clock=clock),
        mailer=_mailer(settings, _composer(settings, links, templates)),
        clock=clock,
        throttle=_throttle(settings, engine),
        blocklist=guessable(settings.breached_passwords_file),
        policy=settings.policy,
    )


@contextmanager
def connected(settings: Settings) -> Iterator[Auth]:
    """Lend the core of one deployment, and close its connections afterwards."""
    with _lent_engine(settings) as engine:
        yield bootstrap(settings, engine=engine)


def upgrade(settings: Settings) -> None:
    """
    Bring the database's tables to the newest form.

    Raises:
        Unavailable: If the database does not do its part, or another process is upgrading it.
        RuntimeError: If a later version of offbrand has upgraded it.
    """
    with _lent_engine(settings) as engine:
        schema.upgrade(engine)


def revisions(settings: Settings) -> tuple[str | None, str]:
    """Return the form that the database's tables have, None if there are none, and the newest one."""
    with _lent_engine(settings) as engine:
        return schema.current(engine), schema.head()


def is_known(revision: str) -> bool:
    """Return whether this version of offbrand can upgrade tables of *revision*; those of a later one it cannot."""
    return schema.is_known(revision)


def inspect(settings: Settings) -> Sequence[Deviation]:
    """Return where the database is not what the laws build on."""
    with _lent_engine(settings) as engine:
        return inspection.inspect(engine)


def letters_due_since(settings: Settings) -> datetime | None:
    """Return since when the oldest letter that is due has waited for somebody to send it; None if there is none."""
    with _lent_engine(settings) as engine:
        return inspection.due_since(engine, SystemClock().now())


def hasher(settings: Settings) -> PasswordHasher:
    """Return a hasher with slots of its own."""
    return Argon2Hasher(
        slots=settings.hash_slots,
        memory_kib=settings.hash_memory_kib,
        passes=settings.hash_passes,
        lanes=settings.hash_lanes,
    )


def greet_mail_server(settings: Settings) -> bool:
    """
    Do all that sending takes, but send nothing; return whether TLS protected it.

    Raises:
        MailDelayed: If letters could not leave now.
    """
    mailer = _mailer(settings, _composer(settings))
    return not isinstance(mailer, SmtpMailer) or mailer.greet()


def quick_throttle(settings: Settings) -> RedisThrottle | None:
    """
    Return what counts networks, names and mail beside the database; None where the database counts everything.

    Raises:
        SettingsError: If it cannot be made of these settings.
    """
    if settings.throttle_url is None:
        return None
    try:
        from offbrand.adapters.redis_throttle import RedisThrottle  # noqa: PLC0415 - its library is an extra
    except ImportError:
        raise SettingsError('OFFBRAND_THROTTLE_URL needs what pip install "offbrand[redis]" brings.') from None
    with _usable("OFFBRAND_THROTTLE_URL"):
        return RedisThrottle(settings.throttle_url.reveal())


def open_ways(settings: Settings) -> Sequence[str]:
    """Return the settings whose URLs lead over a network to a server that need not prove who it is."""
    with _lent_engine(settings) as engine:
        closed = {"OFFBRAND_DATABASE_URL": all(map(is_local_host, ways.hosts(engine))) or ways.is_proved(engine)}
    if quick := quick_throttle(settings):
        closed["OFFBRAND_THROTTLE_URL"] = is_local_host(quick.host) or quick.is_proved
    return [setting for setting, is_closed in closed.items() if not is_closed]


def mailbox(settings: Settings) -> MailboxMailer | None:
    """Return the development mailbox, where letters are read without a mail server; None where there is one."""
    return MailboxMailer(settings.mailbox, _composer(settings)) if settings.keeps_letters else None


def check(settings: Settings) -> None:
    """
    Check that adapters can be made of these settings; connects to nothing.

    Raises:
        SettingsError: If one of them refuses its part.
    """
    with connected(settings):
        pass


@contextmanager
def _lent_engine(settings: Settings) -> Iterator[Engine]:
    engine = _engine(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def _engine(settings: Settings) -> Engine:
    # The text of a refusal names kinds of databases and drivers, and nothing of the URL beside them.
    with _usable("OFFBRAND_DATABASE_URL"):
        return make_engine(settings.database_url.reveal())


def _after_letter(
    engine: Engine, handover: Callable[[Engine], Callable[[Connection], object]] | None
) -> Callable[[Connection], object] | None:
    if handover is None:
        return None
    with _usable("The hand-over"):
        return handover(engine)


def _adopted(engine: Engine) -> Engine:
    with _usable("The engine given to bootstrap"):
        return adopted(engine)


def _throttle(settings: Settings, engine: Engine) -> Throttle:
    in_sql, quick = SqlThrottle(engine), quick_throttle(settings)
    return FallbackThrottle(quick, in_sql, stays=is_of_account) if quick else in_sql


def _mailer(settings: Settings, composer: Composer) -> Mailer:
    if settings.smtp_url is None:
        return MailboxMailer(settings.mailbox, composer)
    with _usable("OFFBRAND_SMTP_URL"):
        return SmtpMailer(settings.smtp_url, composer)


def _composer(
    settings: Settings,
    links: Callable[[Purpose, Token], str] | None = None,
    templates: BaseLoader | None = None,
) -> Composer:
    with _usable("OFFBRAND_MAIL_SENDER"):
        return Composer(
            links=links or default_links(settings.base_url),
            base_url=settings.base_url,
            sender=settings.mail_sender,
            subject_prefix=settings.mail_subject_prefix,
            product=settings.policy.product,
            templates=templates,
            has_our_pages=links is None,
        )


@contextmanager
def _usable(what: str) -> Iterator[None]:
    """Name in one sentence *what* an adapter refuses."""
    try:
        yield
    except ValueError as error:
        raise SettingsError(f"{what} cannot be used: {error}.") from None
