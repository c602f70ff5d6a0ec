"""Passwords: the only place that hashes, asks the policy about a password, or counts guesses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import InvalidCredentials, TooManyAttempts, WeakPassword

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from offbrand.domain.account import Account
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import Blocklist, Clock, HashingPlace, PasswordHasher, Throttle
    from offbrand.domain.values import AccountId, Client, EmailAddress, Password, PasswordHash, Username


@attrs.frozen(kw_only=True)
class Proof:
    """An account whose password was given, and a newer hash of it where it is time for one."""

    account: Account
    newer_hash: PasswordHash | None


def check_length(password: Password, policy: Policy) -> None:
    """
    Check that a new password is long enough, which needs nothing but the policy.

    Raises:
        WeakPassword: If it is not, with the reason.
    """
    if len(password.reveal()) < policy.password_min:
        shortage = f"It needs at least {policy.password_min} characters; four or more unrelated words work well."
        raise WeakPassword(shortage)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Passwords:
    """What the flows share about passwords."""

    hasher: PasswordHasher
    blocklist: Blocklist
    throttle: Throttle
    clock: Clock
    policy: Policy

    def check(self, password: Password, email: EmailAddress, username: Username) -> None:
        """
        Check a new password: long enough, not common, not made of the account's own words.

        Only for whom `admit` has lent a place: to estimate how easy a text is to guess takes as long as to hash it.

        Raises:
            WeakPassword: With the reason.
        """
        check_length(password, self.policy)
        words = [str(username), str(email), *str(email).split("@"), self.policy.product]
        if self.blocklist(password.reveal(), words):
            easy = (
                "It is too easy to guess: widely known, repeated, or made of your own names. "
                "Four or more unrelated words are both harder to guess and easier to remember."
            )
            raise WeakPassword(easy)

    def admit(self, client: Client) -> AbstractContextManager[HashingPlace]:
        """
        Wait for a turn to hash; first of all, so that a crowd cannot make the machine work for nothing.

        Raises:
            Busy: If too many others are hashing.
        """
        return self.hasher.admit(client)

    def prove(  # noqa: PLR0913 - what is guessed, who guesses from where, and what to do when it is right
        self,
        password: Password,
        account: Account | None,
        *,
        place: HashingPlace,
        client: Client,
        device: str | None,
        identifier: str = "",
        renew: bool = False,
    ) -> Proof:
        """
        Compare *password* with the account's, or with a decoy where there is none.

        *device* is the digest of a device that the account knows; *identifier* the fingerprint of what was typed.
        *place* is the client's, which `admit` has lent: who is turned away there must not have cost the owner a guess.
        *renew* asks for a newer hash where it is time for one.

        Raises:
            InvalidCredentials: If it does not match, or the account has been guessed at too often (law L8).
            TooManyAttempts: If the network or the identifier has.
        """
        allowed = self._count(account, client, device, identifier)
        known = account.password_hash if account and allowed else None
        if not place.matches(password, known) or account is None or known is None:
            raise InvalidCredentials
        self._clear(account.id, device)
        newer_hash = place.hash(password) if renew and self.hasher.needs_rehash(known) else None
        return Proof(account=account, newer_hash=newer_hash)

    def replaced(self, account_id: AccountId, devices: Iterable[str] = ()) -> None:
        """Start the counts of guesses afresh, those of *devices* too, because there is no such password any more."""
        for key in keys_of(account_id, devices):
            self.throttle.forget(key)

    def _count(self, account: Account | None, client: Client, device: str | None, identifier: str) -> bool:
        guesses = self.policy.guesses
        if device is not None:
            own = guesses.device.of(_device_key(device))
            if self.throttle.count([own], self.clock.now()) is None:
                return True
            # It has used up its own guesses, and is one like any other now.
        public = guesses.by_network(client)
        if identifier:
            public.append(guesses.identifier.of(f"identifier:{identifier}"))
        # An identifier without an account is counted like one with, so that the time it takes tells nothing.
        name = account.id if account else f"none:{identifier}"
        # Without one, the count ends with its window: any number of identifiers can be typed.
        in_all = guesses.in_all if account else attrs.evolve(guesses.in_all, window=guesses.account.window)
        private = [guesses.account.of(_account_key(name)), in_all.of(_total_key(name))]
        spent = self.throttle.count([*public, *private], self.clock.now())
        if spent is None:
            return True
        key, wait = spent
        if wait is not None and any(key == allowance.key for allowance in public):
            raise TooManyAttempts(math.ceil(wait.total_seconds()))
        return False

    def _clear(self, account_id: AccountId, device: str | None) -> None:
        if device is None:
            self.replaced(account_id)
        else:
            self.throttle.forget(_device_key(device))


def is_of_account(key: str) -> bool:
    """Return whether *key* counts guesses at an account, which belong where the account is kept (law L8)."""
    return key.startswith(("account:", "account-in-all:", "device:"))


def keys_of(account_id: AccountId, devices: Iterable[str] = ()) -> list[str]:
    """Return the keys under which guesses at an account are counted: those of strangers, and of each of *devices*."""
    return [_account_key(account_id), _total_key(account_id), *map(_device_key, devices)]


def _device_key(device: str) -> str:
    return f"device:{device}"


def _account_key(name: AccountId | str) -> str:
    return f"account:{name}"


def _total_key(name: AccountId | str) -> str:
    return f"account-in-all:{name}"
