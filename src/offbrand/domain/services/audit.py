"""Audit: who reads the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.domain.events import Event
    from offbrand.domain.ports import Clock, UnitOfWork
    from offbrand.domain.values import AccountId, Token
    from offbrand.domain.visits import Visits


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Audit:
    """Shows events to the account's owner and to operators."""

    unit_of_work: UnitOfWork
    visits: Visits
    clock: Clock

    def activity(self, session: Token, limit: int = 50) -> Sequence[Event]:
        """
        Return the last events of the visitor's own account, newest first.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
        """
        with self.unit_of_work.reading() as tx:
            account = self.visits.within(tx, session, self.clock.now()).account
            return tx.events.of(account.id, limit)

    def of(self, account_id: AccountId, limit: int = 50) -> Sequence[Event]:
        """Return the last events of an account, newest first; those of a purged one stay, without client data."""
        with self.unit_of_work.reading() as tx:
            return tx.events.of(account_id, limit)

    def after(self, position: int = 0, limit: int = 200) -> Sequence[Event]:
        """Return the events after *position*, oldest first."""
        with self.unit_of_work.reading() as tx:
            return tx.events.after(position, limit)

    def newest(self, limit: int = 200) -> Sequence[Event]:
        """Return the last events of all, newest first; who must miss none reads on with `after`."""
        with self.unit_of_work.reading() as tx:
            return tx.events.newest(limit)
