"""Passwords: the only place that hashes, asks the policy about a password, or counts guesses."""

from __future__ import annotations

import ipaddress
import math
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import InvalidCredentials, TooManyAttempts, WeakPassword

if TYPE_CHECKING:
    from offbrand.domain.account import Account
    from offbrand.domain.policy import Allowance, Guesses, Policy
    from offbrand.domain.ports import Blocklist, Clock, PasswordHasher, Throttle
    from offbrand.domain.values import AccountId, Client, EmailAddress, Password, PasswordHash, Username


@attrs.frozen(kw_only=True)
class Proof:
    """An account whose password was given, and a newer hash of it where it is time for one."""

    account: Account
    newer_hash: PasswordHash | None


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

        Raises:
            WeakPassword: With the reason.
        """
        text = password.reveal()
        if len(text) < self.policy.password_min:
            shortage = f"It needs at least {self.policy.password_min} characters; several unrelated words work well."
            raise WeakPassword(shortage)
        words = [str(username), str(email), *str(email).split("@"), self.policy.product]
        if self.blocklist(text, words):
            easy = "It is too easy to guess; several unrelated words are both harder to guess and easier to remember."
            raise WeakPassword(easy)

    def hash(self, password: Password, client: Client) -> PasswordHash:
        """
        Hash a new password.

        Raises:
            Busy: If too many others are hashing.
        """
        with self.hasher.admit(client) as place:
            return place.hash(password)

    def prove(  # noqa: PLR0913 - what is guessed, who guesses from where, and what to do when it is right
        self,
        password: Password,
        account: Account | None,
        *,
        client: Client,
        device: str | None,
        identifier: str = "",
        renew: bool = False,
    ) -> Proof:
        """
        Compare *password* with the account's, or with a decoy where there is none.

        *device* is the digest of a device that the account knows; *identifier* the fingerprint of what was typed.
        *renew* asks for a newer hash where it is time for one.

        Raises:
            InvalidCredentials: If it does not match, or the account has been guessed at too often (law L8).
            TooManyAttempts: If the network or the identifier has.
            Busy: If too many others are hashing.
        """
        with self.hasher.admit(client) as place:
            # Place first, then count, then check: a full line must not cost the owner a guess.
            allowed = self._count(account, client, device, identifier)
            known = account.password_hash if account and allowed else None
            if not place.matches(password, known) or account is None or known is None:
                raise InvalidCredentials
            self._clear(account.id, device)
            newer_hash = place.hash(password) if renew and self.hasher.needs_rehash(known) else None
        return Proof(account=account, newer_hash=newer_hash)

    def replaced(self, account_id: AccountId, device: str | None = None) -> None:
        """Start the counts of guesses afresh, that of *device* too, because there is another password to guess."""
        keys = [_account_key(account_id), _total_key(account_id)]
        for key in keys if device is None else [*keys, _device_key(device)]:
            self.throttle.forget(key)

    def _count(self, account: Account | None, client: Client, device: str | None, identifier: str) -> bool:
        guesses = self.policy.guesses
        if device is not None:
            own = guesses.device.of(_device_key(device))
            if self.throttle.count([own], self.clock.now()) is None:
                return True
            # It has used up its own guesses, and is one like any other now.
        public = _networks(client.network, guesses)
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


def _device_key(device: str) -> str:
    return f"device:{device}"


def _account_key(name: AccountId | str) -> str:
    return f"account:{name}"


def _total_key(name: AccountId | str) -> str:
    return f"account-in-all:{name}"


def _networks(network: str | None, guesses: Guesses) -> list[Allowance]:
    """Return one IPv4 address, or the IPv6 /48 and /64 that one subscriber may hold."""
    if network is None:
        return []
    try:
        address = ipaddress.ip_address(network)
    except ValueError:
        return [guesses.network.of(f"network:{network}")]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        wide, narrow = (ipaddress.ip_network((address, prefix), strict=False) for prefix in (48, 64))
        return [guesses.wide_network.of(f"network:{wide}"), guesses.network.of(f"network:{narrow}")]
    return [guesses.network.of(f"network:{getattr(address, 'ipv4_mapped', None) or address}")]
