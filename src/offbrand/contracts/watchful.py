"""Watchful adapters: they do what others do, and check first that no transaction is open (law L6)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime, timedelta

    from offbrand.domain.letters import ReadyLetter
    from offbrand.domain.policy import Allowance
    from offbrand.domain.ports import HashingPlace, Mailer, PasswordHasher, Throttle
    from offbrand.domain.values import Client, Password, PasswordHash


@attrs.frozen
class WatchfulPlace:
    """A `HashingPlace` that hashes between transactions only."""

    _place: HashingPlace
    _assert_idle: Callable[[], None]

    def hash(self, password: Password) -> PasswordHash:
        """Hash, with no transaction open."""
        self._assert_idle()
        return self._place.hash(password)

    def matches(self, password: Password, password_hash: PasswordHash | None) -> bool:
        """Compare, with no transaction open."""
        self._assert_idle()
        return self._place.matches(password, password_hash)


@attrs.frozen
class WatchfulHasher:
    """A `PasswordHasher` whose line nobody stands in with a transaction open; *assert_idle* raises where one is."""

    _hasher: PasswordHasher
    _assert_idle: Callable[[], None]

    @contextmanager
    def admit(self, client: Client) -> Iterator[HashingPlace]:
        """Stand in the line, with no transaction open."""
        self._assert_idle()
        with self._hasher.admit(client) as place:
            yield WatchfulPlace(place, self._assert_idle)

    def needs_rehash(self, password_hash: PasswordHash) -> bool:
        """Ask at any time: it takes none."""
        return self._hasher.needs_rehash(password_hash)


@attrs.frozen
class WatchfulMailer:
    """A `Mailer` that sends between transactions only."""

    _mailer: Mailer
    _assert_idle: Callable[[], None]

    def send(self, letter: ReadyLetter) -> None:
        """Send, with no transaction open."""
        self._assert_idle()
        self._mailer.send(letter)


@attrs.frozen
class WatchfulThrottle:
    """A `Throttle` that is called between transactions only, as it may wait for a network, or needs one of its own."""

    _throttle: Throttle
    _assert_idle: Callable[[], None]

    def count(self, allowances: Sequence[Allowance], at: datetime) -> tuple[str, timedelta | None] | None:
        """Count, with no transaction open."""
        self._assert_idle()
        return self._throttle.count(allowances, at)

    def forget(self, key: str) -> None:
        """Forget, with no transaction open."""
        self._assert_idle()
        self._throttle.forget(key)

    def sweep(self, at: datetime) -> int:
        """Sweep, with no transaction open."""
        self._assert_idle()
        return self._throttle.sweep(at)
