"""Housekeeping: what has had its time is forgotten, in batches and safely beside live traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import ClocksDiffer
from offbrand.domain.events import EventKind
from offbrand.domain.passwords import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from offbrand.domain.journal import Journal
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import Clock, Throttle, UnitOfWork

SYSTEM = "system"


def _silent(_done: int) -> None:
    pass


@attrs.frozen(kw_only=True)
class Purged:
    """What a purge has removed: accounts, and rows of other kinds."""

    accounts: int
    rows: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Housekeeping:
    """Purges accounts that expired or were closed, and whatever is older than the retention."""

    unit_of_work: UnitOfWork
    throttle: Throttle
    journal: Journal
    clock: Clock
    policy: Policy

    def purge(self, batch: int = 100, progress: Callable[[int], None] = _silent) -> Purged:
        """
        Purge everything that is due; *progress* is told after each batch how much that was.

        Raises:
            ClocksDiffer: If this machine's clock and the database's disagree, so that "due" means nothing.
        """
        now = self.clock.now()
        with self.unit_of_work.reading() as tx:
            if abs(tx.directory.clock() - now) > self.policy.clock_tolerance:
                raise ClocksDiffer(60)
        accounts = self._erase_accounts(batch, progress)
        rows = 0
        while met := self._sweep(batch):
            rows += met
            progress(met)
        return Purged(accounts=accounts, rows=rows + self.throttle.sweep(now))

    def _erase_accounts(self, batch: int, progress: Callable[[int], None]) -> int:
        now = self.clock.now()
        erased = 0
        while True:
            with self.unit_of_work.writing() as tx:
                due = tx.directory.due(now, batch)
                counts: list[str] = []
                for account_id in due:
                    keys = keys_of(account_id, tx.devices.of(account_id))
                    if tx.directory.erase(account_id, now):
                        self.journal.record(tx, EventKind.PURGED, at=now, account_id=account_id, actor=SYSTEM)
                        erased += 1
                        counts += keys
            # Some have no window, so that no sweep would find them.
            for key in counts:
                self.throttle.forget(key)
            if not due:
                return erased
            progress(len(due))

    def _sweep(self, batch: int) -> int:
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            return tx.directory.sweep(now, now - self.policy.retention, batch)
