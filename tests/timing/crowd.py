"""Crowd: accounts of every kind, put into the database of a server that runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from offbrand.bootstrap import bootstrap
from offbrand.domain.errors import InvalidCredentials
from offbrand.domain.values import AccountId, Client, EmailAddress, Password, PasswordHash, Username
from tests.hashed import hashed
from tests.unit.people import active, pending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from offbrand.domain.account import Account
    from offbrand.domain.auth import Auth
    from offbrand.settings import Settings

PASSWORD = Password("a lantern, a ladder and a loaf")
WRONG = Password("seven kettles under one roof")
OLD_MEMORY_KIB = 8 * 1024
_DAY = timedelta(days=1)


@attrs.frozen(kw_only=True)
class Crowd:
    """
    Who lives behind a server, and may be asked about.

    *auth* works on the server's database and hashes cheaply; *password_hash* is one as the server makes them, and
    *old_hash* one from a time when hashing cost less.
    """

    auth: Auth
    password_hash: PasswordHash
    old_hash: PasswordHash

    @classmethod
    def behind(cls, settings: Settings) -> Crowd:
        """Return the crowd behind a server with these settings."""
        cheap = attrs.evolve(settings, hash_memory_kib=8, hash_passes=1, hash_lanes=1)
        old = attrs.evolve(settings, hash_memory_kib=OLD_MEMORY_KIB)
        todays, former = (hashed(bootstrap(each), PASSWORD) for each in (settings, old))
        return cls(auth=bootstrap(cheap), password_hash=todays, old_hash=former)

    def settle(self, kind: str, count: int) -> Sequence[str]:
        """Return *count* new addresses of people of this *kind*."""
        now = datetime.now(UTC)
        changes: Mapping[str, Mapping[str, object]] = {
            "old parameters": {"password_hash": self.old_hash},
            "passwordless": {"password_hash": None},
            "disabled": {"disabled_at": now},
            "pending": {"purge_at": now + _DAY},
            "invited": {"purge_at": now + _DAY, "password_hash": None},
            "expired": {"purge_at": now - _DAY},
        }
        form = pending if kind in ("pending", "invited", "expired") else active
        accounts = [self._made(form, now, changes.get(kind, {})) for _ in range(count)]
        if kind != "unknown":
            with self.auth.login.unit_of_work.writing() as tx:
                for account in accounts:
                    tx.accounts.add(account)
        if kind == "throttled":
            for account in accounts:
                self._spend(account)
        return [account.email.text for account in accounts]

    def sessions(self, count: int) -> Sequence[str]:
        """Return the tokens of *count* people who have just logged in."""
        now = datetime.now(UTC)
        begun = []
        with self.auth.login.unit_of_work.writing() as tx:
            for _ in range(count):
                account = self._made(active, now, {})
                tx.accounts.add(account)
                begun.append(self.auth.login.visits.begin(tx, account, Client(), now, remember=False).session.reveal())
        return begun

    def _made(self, form: Callable[..., Account], now: datetime, changes: Mapping[str, object]) -> Account:
        number = self.auth.login.tokens.new_id()
        own: dict[str, Any] = {
            "id": AccountId(number),
            "avatar_id": number,
            # All of one length, because what was typed is shown again.
            "email": EmailAddress(f"a{number.hex}@example.org"),
            "username": Username(f"a{number.hex}"),
            "password_hash": self.password_hash,
            "registered_at": now,
        }
        return form(**{**own, **changes})

    def _spend(self, account: Account) -> None:
        """Use up the guesses of the account, and leave some of the identifier."""
        passwords = self.auth.login.passwords
        # Without its hash, so that this costs as little as everything else here.
        account = attrs.evolve(account, password_hash=None)
        for _ in range(passwords.policy.guesses.account.limit):
            try:
                with passwords.admit(Client()) as place:
                    passwords.prove(WRONG, account, place=place, client=Client(), device=None)
            except InvalidCredentials:
                continue
