"""Links: those that are mailed; how many may be asked for and sent, how long they live, what a followed one says."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import TooManyAttempts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from offbrand.domain.account import Account
    from offbrand.domain.claims import Claim, Purpose
    from offbrand.domain.letters import LetterKind
    from offbrand.domain.policy import Allowance, Policy
    from offbrand.domain.ports import Clock, Throttle, Tokens
    from offbrand.domain.values import Client, EmailAddress, Token


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Links:
    """What the flows share about mailed links."""

    throttle: Throttle
    tokens: Tokens
    clock: Clock
    policy: Policy

    def admit_registration(self, client: Client) -> None:
        """
        Count one registration from the client's network, before anything of it depends on the address.

        Raises:
            TooManyAttempts: If the network has used up its registrations.
        """
        self._admit(self.policy.registrations.of("registration", client))

    def admit_request(self, client: Client) -> None:
        """
        Count one request for another link from the client's network, before anything of it depends on the address.

        Raises:
            TooManyAttempts: If the network has used up its requests.
        """
        self._admit(self.policy.requests.of("request", client))

    def allows(
        self, kind: LetterKind, email: EmailAddress, *, is_for_somebody: bool = True, until: datetime | None = None
    ) -> bool:
        """
        Count one letter of *kind* to *email*; return whether it may leave (law L8, mail budgets).

        A letter to nobody is counted as well, but apart: it leaves no link in the mailbox, so it must not use up what
        the owner of the address may be sent. *until* is when its link dies, if that is before its time, and with it
        the count ends.
        """
        key = self._key(kind, email, "" if is_for_somebody else "nobody")
        now = self.clock.now()
        rate = self.policy.budget(kind)
        if until is not None and rate.window is not None:
            # It may have died just now; and a window of no length would have no end.
            rate = attrs.evolve(rate, window=min(rate.window, max(until - now, timedelta.resolution)))
        return self.throttle.count([rate.of(key)], now) is None

    def allows_from(self, account: Account, kind: LetterKind, email: EmailAddress) -> bool:
        """Count one letter that an account asks for to any address; its links are of no use to other accounts."""
        by_account = self.policy.mail_by_account.of(f"mail-by:{account.id}")
        # With the generation, as the links of an earlier one are void.
        to_address = self.policy.budget(kind).of(self._key(kind, email, f"{account.id}:{account.generation}"))
        return self.throttle.count([by_account, to_address], self.clock.now()) is None

    def renew(self, email: EmailAddress) -> None:
        """Start those counts afresh, because the links sent so far are void and the mailbox must be able to get one."""
        for kind in self.policy.mail:
            self.throttle.forget(self._key(kind, email, ""))

    def expiry(self, purpose: Purpose, at: datetime) -> datetime:
        """Return when a link given out at this moment dies."""
        return self.policy.expiry(purpose, at)

    def read(self, token: Token, purpose: Purpose) -> Claim:
        """
        Return what a followed link says; `Claim.check` says whether it still holds.

        Raises:
            InvalidToken: If it was not signed here for this purpose.
        """
        return self.tokens.read(token, purpose)

    def _admit(self, allowances: Sequence[Allowance]) -> None:
        spent = self.throttle.count(allowances, self.clock.now()) if allowances else None
        if spent is not None:
            _, wait = spent
            raise TooManyAttempts(math.ceil(wait.total_seconds()) if wait else 1)

    def _key(self, kind: LetterKind, email: EmailAddress, whose: str) -> str:
        return f"mail:{kind}:{self.tokens.fingerprint(email.key)}:{whose}"
