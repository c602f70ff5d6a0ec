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
        if account is None or self.is_moot(account) or at >= self.expires_at or not self._is_open(account):
            raise InvalidToken
        return account

    def is_moot(self, account: Account | None) -> bool:
        """Whether the claim can never hold again, so that its link need not even be sent."""
        if account is None or account.id != self.account_id:
            return True
        if self.purpose is Purpose.EMAIL_UNDO:
            # Not bound to the generation: whoever took the account over could void the link by a new password.
            return (account.undo_email, account.undo_until) != (self.email, self.expires_at)
        return account.generation != self.generation

    def _is_open(self, account: Account) -> bool:
        match self.purpose:
            case Purpose.CONFIRMATION:
                return account.is_pending and self.email == account.email
            case Purpose.PASSWORD_RESET:
                return account.is_active and self.email == account.email
            case Purpose.EMAIL_CHANGE | Purpose.EMAIL_UNDO:
                return account.is_active
            case _:
                assert_never(self.purpose)
