"""The machine, playing at the commands over a core in memory; each browser is a person's state directory."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from offbrand.adapters import memory
from offbrand.contracts.library_driver import LibraryDriver
from offbrand.contracts.machine import machine
from offbrand.contracts.stage import ROOMY
from tests.doors.cli_driver import CliDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENVIRON = {"OFFBRAND_ENV": "development", "OFFBRAND_SECRET_KEYS": "not-secret-but-long-enough-for-a-test-0123456789"}


@contextmanager
def commands() -> Iterator[CliDriver]:
    """Give the commands over a core in memory as a driver."""
    auth, mailbox, clock = memory.auth(ROOMY)
    letters = LibraryDriver(auth, lambda: mailbox.arrived, clock).letters
    with TemporaryDirectory() as folder:
        yield CliDriver(_ENVIRON, Path(folder), letters, clock, auth)


TestTheCommands = machine(commands)
