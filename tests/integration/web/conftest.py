"""The web front end over the memory adapters, as a production deployment behind https."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
from jinja2 import BytecodeCache, StrictUndefined

from offbrand.adapters import memory
from offbrand.entrypoints.web import create_app
from offbrand.settings import Settings
from tests.integration.web.visitor import ORIGIN, Visitor
from tests.town import settle

if TYPE_CHECKING:
    from flask import Flask
    from jinja2.bccache import Bucket

    from offbrand.domain.auth import Auth

KEYS = ("an old key of forty random characters 17", "a new key of forty random characters 42")


@attrs.frozen
class Site:
    """A running front end, and what lies behind it."""

    app: Flask
    auth: Auth
    mailbox: memory.Mailbox
    clock: memory.MovableClock
    settings: Settings

    def stored(self) -> tuple[object, ...]:
        """Return what a flow would have changed: events, letters and accounts."""
        self.auth.delivery.deliver()
        accounts = [attrs.evolve(account, last_seen_at=None) for account in self.auth.directory.list()]
        return self.auth.audit.after(limit=10_000), dict(self.auth.delivery.status().counts), accounts

    def visitor(self) -> Visitor:
        """Return somebody new, with an empty browser."""
        return Visitor(self.app, self.mailbox)


class _Compiled(BytecodeCache):
    """Templates as they were compiled once, for the many applications of these tests."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._codes:
            bucket.bytecode_from_string(self._codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def settings_of(**environ: str) -> Settings:
    """Return production settings, but for what *environ* says."""
    defaults = {
        "OFFBRAND_BASE_URL": ORIGIN,
        "OFFBRAND_MAIL_SENDER": "offbrand@example.org",
        "OFFBRAND_SECRET_KEYS": ",".join(KEYS),
        "OFFBRAND_SMTP_URL": "smtp://localhost",
    }
    return Settings.from_env(defaults | {f"OFFBRAND_{name}": value for name, value in environ.items()})


def site_of(settings: Settings) -> Site:
    """Return a front end with these settings over a new core."""
    auth, mailbox, clock = memory.auth()
    return Site(app_of(auth, settings), auth, mailbox, clock, settings)


def app_of(auth: Auth, settings: Settings) -> Flask:
    """Return a front end with these settings over *auth*."""
    app = create_app(auth, settings)
    app.jinja_env.bytecode_cache = _COMPILED
    # Hosts may insist on it, and then our pages have to be as strict.
    app.jinja_env.undefined = StrictUndefined
    return app


@pytest.fixture
def site() -> Site:
    return site_of(settings_of())


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return site.visitor()


@pytest.fixture
def ada(site: Site) -> Visitor:
    """Somebody with an account, logged in."""
    return site.visitor().join()


@pytest.fixture
def town(site: Site) -> Site:
    """A site with an account of every kind."""
    settle(site.auth, site.mailbox, site.clock)
    return site
