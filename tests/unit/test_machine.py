"""The machine, playing at the library over the memory adapters."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.adapters import memory
from offbrand.contracts.library_driver import LibraryDriver
from offbrand.contracts.machine import machine
from offbrand.contracts.stage import ROOMY

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def library() -> Iterator[LibraryDriver]:
    """Give a core in memory as a driver."""
    auth, mailbox, clock = memory.auth(ROOMY)
    yield LibraryDriver(auth, lambda: mailbox.arrived, clock)


TestTheLibrary = machine(library)
