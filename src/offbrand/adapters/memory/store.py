"""The unit of work in memory: a writing block works on copies, and a clean exit puts them in place."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from offbrand.adapters.memory.accounts import MemoryAccounts
from offbrand.adapters.memory.directory import MemoryDirectory
from offbrand.adapters.memory.events import MemoryEvents
from offbrand.adapters.memory.letters import MemoryLetters
from offbrand.adapters.memory.sessions import MemoryDevices, MemorySessions
from offbrand.adapters.memory.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.ports import Clock


@attrs.frozen
class MemoryTransaction:
    """A `Transaction` over tables that nobody else sees yet."""

    accounts: MemoryAccounts
    sessions: MemorySessions
    devices: MemoryDevices
    events: MemoryEvents
    letters: MemoryLetters
    directory: MemoryDirectory

    @classmethod
    def over(cls, tables: Tables, clock: Clock) -> MemoryTransaction:
        """Return a transaction that reads and writes *tables*."""
        return cls(
            MemoryAccounts(tables),
            MemorySessions(tables),
            MemoryDevices(tables),
            MemoryEvents(tables),
            MemoryLetters(tables),
            MemoryDirectory(tables, clock),
        )


class MemoryUnitOfWork:
    """A `UnitOfWork` with one lock for each transaction; counts its blocks, for tests that assert how many."""

    def __init__(self, clock: Clock) -> None:
        self.read_blocks = 0
        self.write_blocks = 0
        self._clock = clock
        self._tables = Tables()
        self._lock = threading.Lock()
        self._open = threading.local()

    @contextmanager
    def reading(self) -> Iterator[MemoryTransaction]:
        """Open a transaction on a copy that is thrown away; writing into it raises."""
        with self._block():
            self.read_blocks += 1
            tables = self._tables.copy()
            before = tables.copy()
            yield MemoryTransaction.over(tables, self._clock)
            if tables != before:
                msg = "a reading block has written"
                raise RuntimeError(msg)

    @contextmanager
    def writing(self) -> Iterator[MemoryTransaction]:
        """Open a transaction on a copy that a clean exit puts in place."""
        with self._block():
            self.write_blocks += 1
            tables = self._tables.copy()
            yield MemoryTransaction.over(tables, self._clock)
            self._tables = tables

    def assert_idle(self) -> None:
        """
        Check that this thread has no transaction open.

        Raises:
            RuntimeError: If it has; slow work belongs between the blocks (law L6).
        """
        if getattr(self._open, "is_open", False):
            msg = "slow work inside a transaction"
            raise RuntimeError(msg)

    @contextmanager
    def _block(self) -> Iterator[None]:
        if getattr(self._open, "is_open", False):
            msg = "blocks do not nest"
            raise RuntimeError(msg)
        with self._lock:
            self._open.is_open = True
            try:
                yield
            finally:
                self._open.is_open = False
