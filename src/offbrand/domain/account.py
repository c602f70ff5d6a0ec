"""Account: who is registered; every transition returns the next account and leaves ``version`` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import AddressUnchanged, UndoPending, UnknownAccount, WrongState
from offbrand.domain.roles import Role, permissions_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from offbrand.domain.values import AccountId, EmailAddress, PasswordHash, Username


@attrs.frozen(kw_only=True)
class Account:
    """
    One person's account.

    Pending until its mailbox is proved; then active, unless disabled or closed. A pending account claims neither
    its address nor its username (law L1). ``generation`` rises with every change that must void links and sessions
    (law L2); ``version`` belongs to the repository and guards against lost updates. ``last_seen_at`` follows the
    account's sessions and is never saved with the account.
    """

    id: AccountId
    email: EmailAddress
    username: Username
    password_hash: PasswordHash | None
    roles: frozenset[str]
    avatar_id: UUID
    registered_at: datetime
    generation: int = 1
    version: int = 1
    undo_email: EmailAddress | None = None
    undo_until: datetime | None = None
    confirmed_at: datetime | None = None
    disabled_at: datetime | None = None
    closed_at: datetime | None = None
    last_seen_at: datetime | None = None
    purge_at: datetime | None = None
    permissions: frozenset[str] = frozenset()

    @property
    def is_pending(self) -> bool:
        """Whether the mailbox is still to be proved."""
        return self.confirmed_at is None

    @property
    def is_active(self) -> bool:
        """Whether the account may be used: confirmed, not disabled, not closed."""
        return not self.is_pending and self.disabled_at is None and self.closed_at is None

    @property
    def may_be_opened(self) -> bool:
        """Whether a letter may lead into the account: it is active, or about to be."""
        return self.is_pending or self.is_active

    @property
    def state(self) -> str:
        """The account's state in one word, for people and for filters."""
        if self.is_pending:
            return "pending"
        if self.closed_at is not None:
            return "closed"
        return "active" if self.disabled_at is None else "disabled"

    def is_awaited(self, at: datetime) -> bool:
        """Whether the mailbox may still be proved: pending, and not past its time though nobody has purged it yet."""
        return self.is_pending and (self.purge_at is None or at < self.purge_at)

    def can(self, permission: str) -> bool:
        """Whether the account grants *permission*; no, unless it was read through a session and is active."""
        return self.is_active and permission in self.permissions

    def empowered(self, roles: Iterable[Role]) -> Account:
        """Return the account with what its roles mean in *roles*."""
        return attrs.evolve(self, permissions=permissions_of(self.roles, roles))

    def confirm(self, at: datetime) -> Account:
        """Claim address and username for good."""
        return self._next(confirmed_at=at, purge_at=None)

    def confirm_anew(self, username: Username, password_hash: PasswordHash, at: datetime) -> Account:
        """Confirm with another username and password than those chosen at registration."""
        return self._next(username=username, password_hash=password_hash, confirmed_at=at, purge_at=None)

    def set_password(self, password_hash: PasswordHash) -> Account:
        """Replace the password, or set the first one."""
        return self._next(password_hash=password_hash)

    def rehash(self, password_hash: PasswordHash) -> Account:
        """Keep the password under newer parameters; nothing else notices."""
        return attrs.evolve(self, password_hash=password_hash)

    def remove_password(self) -> Account:
        """Leave the account without a password until its owner resets it."""
        self._must_be(self.is_active, "Only an active account has its password removed.")
        return self._next(password_hash=None)

    def check_new_email(self, email: EmailAddress, at: datetime) -> None:
        """
        Check whether the address may become *email* now.

        Raises:
            AddressUnchanged: If it is the address already.
            UndoPending: While the former address may undo the last change.
        """
        self.check_settled(at)
        if email.key == self.email.key:
            raise AddressUnchanged

    def check_settled(self, at: datetime) -> None:
        """
        Check that no undo of an address change is possible any more.

        Raises:
            UndoPending: If one is.
        """
        if self.unsettled_until(at) is not None:
            raise UndoPending

    def unsettled_until(self, at: datetime) -> datetime | None:
        """Return until when the former address may undo the last change; None if it may not any more."""
        return self.undo_until if self.undo_until is not None and at < self.undo_until else None

    def change_email(self, email: EmailAddress, *, undo_until: datetime) -> Account:
        """Move to *email*; the former address may take the account back until *undo_until*."""
        return self._next(email=email, undo_email=self.email, undo_until=undo_until)

    def undo_email_change(self) -> Account:
        """Return to the former address and trust nothing that was set since: the password goes."""
        former = self.undo_email
        if former is None:
            raise WrongState("There is no change of address to undo.")
        return self._next(email=former, undo_email=None, undo_until=None, password_hash=None)

    def end_undo(self) -> Account:
        """Take the power to undo from the former address."""
        self._must_be(self.undo_email is not None, "There is no change of address to undo.")
        return attrs.evolve(self, undo_email=None, undo_until=None)

    def disable(self, at: datetime) -> Account:
        """Shut the account until an operator enables it."""
        self._must_be(self.is_active, "Only an active account can be disabled.")
        return self._next(disabled_at=at)

    def enable(self) -> Account:
        """Open a disabled account again."""
        self._must_be(self.state == "disabled", "Only a disabled account can be enabled.")
        return self._next(disabled_at=None)

    def close(self, at: datetime, *, purge_at: datetime) -> Account:
        """Close at the owner's wish; the claims stay until the account is purged."""
        self.check_settled(at)
        return self._next(closed_at=at, purge_at=purge_at)

    def reopen(self) -> Account:
        """Open a closed account again, without its password."""
        self._must_be(self.state == "closed", "Only a closed account can be reopened.")
        return self._next(closed_at=None, purge_at=None, password_hash=None)

    def grant(self, role: Role) -> Account:
        """Add *role*; links and sessions stay, as permissions are read afresh on each request."""
        return attrs.evolve(self, roles=self.roles | {role.name})

    def revoke(self, name: str) -> Account:
        """Take the role called *name* away."""
        return attrs.evolve(self, roles=self.roles - {name})

    def _next(self, **changes: object) -> Account:
        return attrs.evolve(self, generation=self.generation + 1, **changes)  # type: ignore[arg-type] # attrs checks

    @staticmethod
    def _must_be(condition: bool, reason: str) -> None:  # noqa: FBT001 - reads as a sentence where it is called
        if not condition:
            raise WrongState(reason)


def known(account: Account | None) -> Account:
    """
    Return *account*, which an operator has looked up.

    Raises:
        UnknownAccount: If there was none.
    """
    if account is None:
        raise UnknownAccount
    return account
