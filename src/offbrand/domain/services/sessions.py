"""Sessions: what an account's owner sees and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import UnknownSession
from offbrand.domain.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.domain.journal import Journal
    from offbrand.domain.ports import Clock, UnitOfWork
    from offbrand.domain.session import Session
    from offbrand.domain.values import Client, SessionId, Token
    from offbrand.domain.visits import Visit, Visits


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Sessions:
    """Lists and ends an account's sessions."""

    unit_of_work: UnitOfWork
    journal: Journal
    visits: Visits
    clock: Clock

    def current(self, session: Token) -> Visit:
        """
        Return this session with its account, and whether it has fresh proof.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
        """
        return self.visits.current(session)

    def of(self, session: Token) -> Sequence[Session]:
        """
        Return every valid session of the account, last seen first.

        Raises:
            NotLoggedIn: If the token leads to no valid session.
        """
        now = self.clock.now()
        with self.unit_of_work.reading() as tx:
            account = self.visits.within(tx, session, now).account
            return [row for row in tx.sessions.of(account.id) if row.is_valid(account, now)]

    def end(self, session: Token, session_id: SessionId, *, client: Client) -> None:
        """
        End one of the account's sessions.

        Raises:
            NotLoggedIn, ProofNeeded: If there is no valid session with fresh proof.
            UnknownSession: If the account has no session with this id.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            account = self.visits.proved(tx, session, now).account
            if not tx.sessions.remove(session_id, account.id):
                raise UnknownSession
            self.journal.record(tx, EventKind.SESSION_ENDED, at=now, account_id=account.id, client=client)

    def end_others(self, session: Token, *, client: Client) -> int:
        """
        End every session but this one; return how many there were.

        Raises:
            NotLoggedIn, ProofNeeded: If there is no valid session with fresh proof.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            visit = self.visits.proved(tx, session, now)
            ended = tx.sessions.remove_all(visit.account.id, keep=visit.session.id)
            self.journal.record(tx, EventKind.SESSIONS_ENDED, at=now, account_id=visit.account.id, client=client)
            return ended
