"""Policy: the numbers and names that a deployment may choose; a value, read by the flows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.claims import Purpose
from offbrand.domain.letters import PURPOSES, LetterKind
from offbrand.domain.roles import ADMINISTRATOR, MODERATOR, USER, Role
from offbrand.domain.session import Terms
from offbrand.domain.values import FARTHEST_AHEAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from offbrand.domain.values import Client

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@attrs.frozen
class Allowance:
    """
    How often something may be counted under ``key`` before it is spent.

    The count starts again ``window`` after it began; with no window, only when it is forgotten.
    """

    key: str
    limit: int
    window: timedelta | None


@attrs.frozen(kw_only=True)
class Rate:
    """An allowance before it has a key."""

    limit: int
    window: timedelta | None

    def of(self, key: str) -> Allowance:
        """Return the allowance of *key*."""
        return Allowance(key, self.limit, self.window)


@attrs.frozen(kw_only=True)
class NetworkRate:
    """
    How often something may come from one network: an IPv4 address or an IPv6 /64, and a /48 in all.

    One subscriber may hold each of them, and many people may share an address.
    """

    narrow: Rate
    wide: Rate

    def of(self, kind: str, client: Client) -> list[Allowance]:
        """Return the allowances of the client's network, counted as *kind*; none for one that has no network."""
        wide, narrow = client.site, client.subscriber
        if narrow is None:
            return []
        own = self.narrow.of(f"{kind}:{narrow}")
        return [own] if wide == narrow else [self.wide.of(f"{kind}:{wide}"), own]


@attrs.frozen(kw_only=True)
class Guesses:
    """
    How often a password may be guessed (NIST SP 800-63B-4, 3.2.2: never more than 100 times in all).

    ``in_all`` counts consecutive failures from unknown devices until the password is replaced; ``device`` those of one
    known device, of which there are five at most: 50 + 5 x 10.
    """

    network: Rate = Rate(limit=100, window=timedelta(minutes=15))
    wide_network: Rate = Rate(limit=400, window=timedelta(minutes=15))
    identifier: Rate = Rate(limit=20, window=timedelta(minutes=15))
    account: Rate = Rate(limit=10, window=timedelta(minutes=15))
    in_all: Rate = Rate(limit=50, window=None)
    device: Rate = Rate(limit=10, window=None)

    def by_network(self, client: Client) -> list[Allowance]:
        """Return the allowances of the network that guesses come from."""
        return NetworkRate(narrow=self.network, wide=self.wide_network).of("network", client)


# A lecture hall behind one address gets through in an hour, and whoever writes to strangers does not get far.
_ASKING = NetworkRate(narrow=Rate(limit=100, window=_HOUR), wide=Rate(limit=400, window=_HOUR))

_MAIL: Mapping[LetterKind, Rate] = {
    # A suppressed letter must leave an earlier live link in the mailbox, so no window outlasts its links.
    LetterKind.CONFIRMATION: Rate(limit=5, window=_HOUR),
    LetterKind.PASSWORD_RESET: Rate(limit=5, window=timedelta(minutes=45)),
    LetterKind.EMAIL_CHANGE: Rate(limit=5, window=_HOUR),
    LetterKind.ALREADY_REGISTERED: Rate(limit=5, window=_HOUR),
}
_LIFETIMES: Mapping[Purpose, timedelta] = {
    Purpose.CONFIRMATION: 3 * _DAY,
    Purpose.PASSWORD_RESET: _HOUR,
    Purpose.EMAIL_CHANGE: _DAY,
    Purpose.EMAIL_UNDO: 7 * _DAY,
}


@attrs.frozen(kw_only=True)
class Policy:
    """
    What a deployment may choose; the defaults are the recommendation.

    ``lifetimes`` are those of links; a pending account lives as long as its confirmation link, an invited one as
    long as ``invitation_lifetime``. ``proof_lasts`` is how long a typed password counts as fresh. ``registrations``
    and ``requests``, which ask for another link, are counted by network, each by itself.
    """

    product: str = "Offbrand"
    roles: tuple[Role, ...] = (USER, MODERATOR, ADMINISTRATOR)
    first_roles: frozenset[str] = frozenset({USER.name})
    password_min: int = 15
    lifetimes: Mapping[Purpose, timedelta] = attrs.field(factory=lambda: dict(_LIFETIMES))
    invitation_lifetime: timedelta = 7 * _DAY
    session: Terms = Terms(absolute=_DAY, idle=_HOUR * 12)
    remembered_session: Terms = Terms(absolute=30 * _DAY, idle=30 * _DAY)
    sessions_at_most: int = 20
    devices_at_most: int = 5
    seen_every: timedelta = timedelta(minutes=1)
    proof_lasts: timedelta = timedelta(minutes=10)
    closed_for: timedelta = 14 * _DAY
    retention: timedelta = 90 * _DAY
    guesses: Guesses = Guesses()
    registrations: NetworkRate = _ASKING
    requests: NetworkRate = _ASKING
    mail: Mapping[LetterKind, Rate] = attrs.field(factory=lambda: dict(_MAIL))
    mail_by_account: Rate = Rate(limit=20, window=_HOUR)
    lease_lasts: timedelta = timedelta(minutes=5)
    send_attempts: int = 12
    clock_tolerance: timedelta = timedelta(minutes=5)

    def __attrs_post_init__(self) -> None:
        """
        Refuse a policy that contradicts itself.

        Raises:
            ValueError: If a lifetime or a mail budget is missing, a first role does not exist, or a window or a lease
                would end later than times are believed.
        """
        if set(self.lifetimes) != set(Purpose):
            msg = "lifetimes must name every purpose"
            raise ValueError(msg)
        if not set(_MAIL) <= set(self.mail):
            msg = "mail must name every letter that somebody may ask for"
            raise ValueError(msg)
        if not self.first_roles <= {role.name for role in self.roles}:
            msg = "first_roles must name roles that exist"
            raise ValueError(msg)
        if max(self.lease_lasts, *(rate.window for rate in self._rates() if rate.window)) > FARTHEST_AHEAD:
            msg = "no window and no lease may last longer than two days"
            raise ValueError(msg)

    def budget(self, kind: LetterKind) -> Rate:
        """Return how many letters of *kind* an address may be sent, in a window that none of their links dies in."""
        rate, purpose = self.mail[kind], PURPOSES[kind]
        if purpose is None or rate.window is None:
            return rate
        return attrs.evolve(rate, window=min(rate.window, self.lifetimes[purpose]))

    def expiry(self, purpose: Purpose, at: datetime) -> datetime:
        """Return when a link given out at this moment dies."""
        return at + self.lifetimes[purpose]

    def _rates(self) -> Iterator[Rate]:
        by_network = [self.registrations, self.requests]
        yield from (rate for network in by_network for rate in (network.narrow, network.wide))
        yield from attrs.astuple(self.guesses, recurse=False)
        yield from self.mail.values()
        yield self.mail_by_account

    def terms(self, *, remember: bool) -> Terms:
        """Return how long a session may last."""
        return self.remembered_session if remember else self.session
