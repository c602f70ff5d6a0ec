"""Landing: what the page behind a mailed link may show before anybody presses its button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from offbrand.domain.account import Account
    from offbrand.domain.claims import Claim, Purpose
    from offbrand.domain.ports import Clock, Tokens, UnitOfWork
    from offbrand.domain.values import Token


@attrs.frozen(kw_only=True)
class Landed:
    """A link that still works, and the account that it is about."""

    claim: Claim
    account: Account


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Landing:
    """Looks at links without using them."""

    unit_of_work: UnitOfWork
    tokens: Tokens
    clock: Clock

    def look(self, token: Token, purpose: Purpose) -> Landed:
        """
        Return what *token* would do now; changes nothing, so that mail scanners may follow links.

        Raises:
            InvalidToken: If it is forged, spent, void, expired or meant for something else.
        """
        claim = self.tokens.read(token, purpose)
        with self.unit_of_work.reading() as tx:
            account = claim.check(tx.accounts.get(claim.account_id), self.clock.now())
        return Landed(claim=claim, account=account)
