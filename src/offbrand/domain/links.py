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
    from offbrand.domain.values import AccountId, EmailAddress, Token


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Links:
    """What the flows share about mailed links."""

    throttle: Throttle
    tokens: Tokens
    clock: Clock
    policy: Policy

    def allows(self, kind: LetterKind, email: EmailAddress, *, is_for_somebody: bool = True) -> bool:
        """
        Count one letter of *kind* to *email*; return whether it may leave (law L8, mail budgets).

        A letter to nobody is counted as well, but apart: it leaves no link in the mailbox, so it must not use up what
        the owner of the address may be sent.
        """
        key = self._key(kind, email, "" if is_for_somebody else "nobody")
        return self.throttle.count([self.policy.budget(kind).of(key)], self.clock.now()) is None

    def allows_from(self, account_id: AccountId, kind: LetterKind, email: EmailAddress) -> bool:
        """Count one letter that an account asks for to any address; its links are of no use to other accounts."""
        by_account = self.policy.mail_by_account.of(f"mail-by:{account_id}")
        to_address = self.policy.budget(kind).of(self._key(kind, email, str(account_id)))
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

    def _key(self, kind: LetterKind, email: EmailAddress, whose: str) -> str:
        return f"mail:{kind}:{self.tokens.fingerprint(email.key)}:{whose}"
