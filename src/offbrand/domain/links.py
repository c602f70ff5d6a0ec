"""Links: those that are mailed; how many an address may be sent, how long they live, and what a followed one says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from datetime import datetime

    from offbrand.domain.claims import Claim, Purpose
    from offbrand.domain.letters import LetterKind
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import Clock, Throttle, Tokens
    from offbrand.domain.values import EmailAddress, Token


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Links:
    """What the flows share about mailed links."""

    throttle: Throttle
    tokens: Tokens
    clock: Clock
    policy: Policy

    def allows(self, kind: LetterKind, email: EmailAddress) -> bool:
        """Count one letter of *kind* to *email*, known or not; return whether it may leave (law L8, mail budgets)."""
        rate = self.policy.mail[kind]
        return self.throttle.count([rate.of(self._key(kind, email))], self.clock.now()) is None

    def renew(self, kind: LetterKind, email: EmailAddress) -> None:
        """Start that count afresh, because the links sent so far are void and the mailbox must be able to get one."""
        self.throttle.forget(self._key(kind, email))

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

    def _key(self, kind: LetterKind, email: EmailAddress) -> str:
        return f"mail:{kind}:{self.tokens.fingerprint(email.key)}"
