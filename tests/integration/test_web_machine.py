"""The machine, playing at the pages over a core in memory."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.adapters import memory
from offbrand.contracts.library_driver import LibraryDriver
from offbrand.contracts.machine import machine
from offbrand.contracts.stage import ROOMY
from offbrand.entrypoints.web import create_app
from offbrand.settings import Settings
from tests.doors.web_driver import WebDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTINGS = Settings.from_env(
    {"OFFBRAND_ENV": "development", "OFFBRAND_SECRET_KEYS": "not-secret-but-long-enough-for-a-test-0123456789"}
)


@contextmanager
def pages() -> Iterator[WebDriver]:
    """Give the pages over a core in memory as a driver."""
    auth, mailbox, clock = memory.auth(ROOMY)
    letters = LibraryDriver(auth, lambda: mailbox.arrived, clock).letters
    yield WebDriver(create_app(auth, _SETTINGS), auth, letters, clock)


TestThePages = machine(pages)
