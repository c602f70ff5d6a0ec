"""The web front end over the memory adapters, as a production deployment behind https."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.adapters import memory
from offbrand.entrypoints.web import create_app
from offbrand.settings import Settings
from tests.integration.web.visitor import ORIGIN, Visitor

if TYPE_CHECKING:
    from flask import Flask

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

    def visitor(self) -> Visitor:
        """Return somebody new, with an empty browser."""
        return Visitor(self.app.test_client(), self.mailbox)


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
    return Site(create_app(auth, settings), auth, mailbox, clock, settings)


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
