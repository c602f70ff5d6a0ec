"""Claims: what a token says; expiry and voiding are decided here and not by whoever signs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

import attrs

from offbrand.domain.errors import InvalidToken

if TYPE_CHECKING:
    from datetime import datetime

    from offbrand.domain.account import Account
    from offbrand.domain.values import AccountId, EmailAddress


class Purpose(StrEnum):
    """What a link is for; the word is the path of its page and the salt of its signature as well."""

    CONFIRMATION = "confirm"
    PASSWORD_RESET = "reset"
    EMAIL_CHANGE = "change-email"
    EMAIL_UNDO = "undo-email"


@attrs.frozen(kw_only=True)
class Claim:
    """
    One purpose, one account, one address, until ``expires_at``.

    ``email`` is the address that the link proves: the account's own, the new one of an email change, or the former
    one of an undo.
    """

    purpose: Purpose
    account_id: AccountId
    generation: int
    expires_at: datetime
    email: EmailAddress

    def check(self, account: Account | None, at: datetime) -> Account:
        """
        Return *account* if the claim still holds for it at this moment.

        Raises:
            InvalidToken: If the claim is expired, or the account is gone or has moved on.
        """
        if account is None or account.id != self.account_id or at >= self.expires_at or not self._fits(account):
            raise InvalidToken
        return account

    def _fits(self, account: Account) -> bool:
        match self.purpose:
            case Purpose.CONFIRMATION:
                return account.is_pending and self._is_current(account) and self.email == account.email
            case Purpose.PASSWORD_RESET:
                return account.is_active and self._is_current(account) and self.email == account.email
            case Purpose.EMAIL_CHANGE:
                return account.is_active and self._is_current(account)
            case Purpose.EMAIL_UNDO:
                # Not bound to the generation: whoever took the account over could void the link by a new password.
                undo = (account.undo_email, account.undo_until)
                return account.is_active and undo == (self.email, self.expires_at)
            case _:
                assert_never(self.purpose)

    def _is_current(self, account: Account) -> bool:
        return self.generation == account.generation
