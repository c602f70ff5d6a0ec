"""Session: one browser's or terminal's stay in an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.values import FARTHEST_AHEAD

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from offbrand.domain.account import Account
    from offbrand.domain.values import AccountId, Client, SessionId


@attrs.frozen(kw_only=True)
class Session:
    """
    A row that a cookie's token leads to.

    ``id`` may stand in pages and URLs; the token may not, and only its digest is stored. ``generation`` is the
    account's at the time the session began: when the account's rises, the session is over (law L3).
    """

    id: SessionId
    token_digest: str
    account_id: AccountId
    generation: int
    began_at: datetime
    seen_at: datetime
    proved_at: datetime | None
    idle: timedelta
    expires_at: datetime
    network: str | None = None
    user_agent: str | None = None
    remembered: bool = False

    def is_valid(self, account: Account, at: datetime) -> bool:
        """Whether *account* may be used through this session at this moment."""
        return (
            account.is_active
            and self.generation == account.generation
            and at < self.expires_at
            and at < self.seen_at + self.idle
            # Begun by a clock that was ahead, it would otherwise last until that time has come and longer.
            and self.began_at <= at + FARTHEST_AHEAD
        )

    def is_proved(self, at: datetime, within: timedelta) -> bool:
        """Whether the password was typed in this session not longer than *within* ago."""
        # Nor later than as long from now, by a clock that was ahead: it would be fresh until that time has come.
        return self.proved_at is not None and abs(at - self.proved_at) < within

    def seen(self, at: datetime) -> Session:
        """Return the session as still in use."""
        return attrs.evolve(self, seen_at=at)

    def renewed(self, digest: str, at: datetime) -> Session:
        """Return the session under a new token."""
        return attrs.evolve(self, token_digest=digest, seen_at=at)

    def proved(self, at: datetime) -> Session:
        """Return the session with fresh proof."""
        return attrs.evolve(self, proved_at=at)

    def carried_over(self, account: Account) -> Session:
        """Return the session as outliving the change that made *account* what it is now."""
        return attrs.evolve(self, generation=account.generation)


@attrs.frozen(kw_only=True)
class Terms:
    """How long a session may last: ``absolute`` from its beginning, ``idle`` from its last use."""

    absolute: timedelta
    idle: timedelta

    def begin(  # noqa: PLR0913 - one keyword for each thing a session remembers
        self,
        *,
        id: SessionId,  # noqa: A002 - the attribute's name
        digest: str,
        account: Account,
        client: Client,
        at: datetime,
        remembered: bool,
    ) -> Session:
        """Return a session of *account* that begins now, proved by the password just typed."""
        return Session(
            id=id,
            token_digest=digest,
            account_id=account.id,
            generation=account.generation,
            began_at=at,
            seen_at=at,
            proved_at=at,
            idle=self.idle,
            expires_at=at + self.absolute,
            network=client.network,
            user_agent=client.user_agent,
            remembered=remembered,
        )
