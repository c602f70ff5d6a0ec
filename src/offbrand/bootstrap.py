"""Bootstrap: the one place that knows every adapter; settings become a core, and doors get their tools."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.adapters.argon2_hasher import Argon2Hasher
from offbrand.adapters.itsdangerous_tokens import ItsdangerousTokens
from offbrand.adapters.mail.composer import Composer, default_links
from offbrand.adapters.mail.mailbox_mailer import MailboxMailer
from offbrand.adapters.mail.smtp_mailer import SmtpMailer
from offbrand.adapters.sql import schema
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.adapters.system_clock import SystemClock
from offbrand.adapters.zxcvbn_blocklist import guessable
from offbrand.domain.auth import Auth
from offbrand.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from offbrand.domain.claims import Purpose
    from offbrand.domain.ports import Mailer
    from offbrand.domain.values import Token
    from offbrand.settings import Settings


def bootstrap(
    settings: Settings, *, engine: Engine | None = None, links: Callable[[Purpose, Token], str] | None = None
) -> Auth:
    """
    Return the core of one deployment.

    A host gives its own *engine* to share its pool, and its own *links* when its pages stand elsewhere. Make one core
    for each process: the hasher's slots are its own.
    """
    clock = SystemClock()
    engine = engine or _engine(settings)
    return Auth.assemble(
        unit_of_work=SqlUnitOfWork(engine),
        hasher=Argon2Hasher(
            slots=settings.hash_slots,
            memory_kib=settings.hash_memory_kib,
            passes=settings.hash_passes,
            lanes=settings.hash_lanes,
        ),
        tokens=ItsdangerousTokens(keys=settings.secret_keys, base_url=settings.base_url, clock=clock),
        mailer=_mailer(settings, links),
        clock=clock,
        throttle=SqlThrottle(engine),
        blocklist=guessable(settings.breached_passwords_file),
        policy=settings.policy,
    )


@contextmanager
def connected(settings: Settings) -> Iterator[Auth]:
    """Lend the core of one deployment, and close its connections afterwards."""
    engine = _engine(settings)
    try:
        yield bootstrap(settings, engine=engine)
    finally:
        engine.dispose()


def upgrade(settings: Settings) -> None:
    """Bring the database's tables to the newest form."""
    engine = _engine(settings)
    try:
        schema.upgrade(engine)
    finally:
        engine.dispose()


def revisions(settings: Settings) -> tuple[str | None, str]:
    """Return the form that the database's tables have, None if there are none, and the newest one."""
    engine = _engine(settings)
    try:
        return schema.current(engine), schema.head()
    finally:
        engine.dispose()


def mailbox(settings: Settings) -> MailboxMailer | None:
    """Return the development mailbox, where letters are read without a mail server; None where there is one."""
    return MailboxMailer(settings.mailbox, _composer(settings, None)) if settings.keeps_letters else None


def check(settings: Settings) -> None:
    """
    Check that adapters can be made of these settings; connects to nothing.

    Raises:
        SettingsError: If one of them refuses its part.
    """
    engine = _engine(settings)
    bootstrap(settings, engine=engine)
    engine.dispose()


def _engine(settings: Settings) -> Engine:
    try:
        return make_engine(settings.database_url.reveal())
    except ValueError as error:
        # The text names kinds of databases and drivers, and nothing of the URL beside them.
        raise SettingsError(f"OFFBRAND_DATABASE_URL cannot be used: {error}.") from None


def _mailer(settings: Settings, links: Callable[[Purpose, Token], str] | None) -> Mailer:
    composer = _composer(settings, links)
    if settings.smtp_url is None:
        return MailboxMailer(settings.mailbox, composer)
    try:
        return SmtpMailer(settings.smtp_url, composer)
    except ValueError as error:
        raise SettingsError(f"OFFBRAND_SMTP_URL cannot be used: {error}.") from None


def _composer(settings: Settings, links: Callable[[Purpose, Token], str] | None) -> Composer:
    try:
        return Composer(
            links=links or default_links(settings.base_url),
            base_url=settings.base_url,
            sender=settings.mail_sender,
            subject_prefix=settings.mail_subject_prefix,
            product=settings.policy.product,
        )
    except ValueError as error:
        raise SettingsError(f"OFFBRAND_MAIL_SENDER cannot be used: {error}.") from None
