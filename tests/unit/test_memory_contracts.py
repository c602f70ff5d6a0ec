"""The contracts, kept by every port in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.memory import (
    Mailbox,
    MemoryThrottle,
    MemoryTokens,
    MemoryUnitOfWork,
    MovableClock,
    PlainHasher,
    listed,
)
from offbrand.contracts.blocklist import BlocklistContract
from offbrand.contracts.clock import ClockContract
from offbrand.contracts.mailer import Arrivals, MailerContract
from offbrand.contracts.password_hasher import PasswordHasherContract
from offbrand.contracts.throttle import ThrottleContract
from offbrand.contracts.tokens import TokensContract
from offbrand.contracts.unit_of_work import UnitOfWorkContract

if TYPE_CHECKING:
    from offbrand.domain.ports import Blocklist


class TestMemoryUnitOfWork(UnitOfWorkContract):
    @pytest.fixture
    def unit_of_work(self) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(MovableClock())


class TestMemoryThrottle(ThrottleContract):
    @pytest.fixture
    def throttle(self) -> MemoryThrottle:
        return MemoryThrottle()


class TestPlainHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PlainHasher:
        return PlainHasher()

    @pytest.fixture
    def dearer(self) -> PlainHasher:
        return PlainHasher(cost=2)


class TestMemoryTokens(TokensContract):
    @pytest.fixture
    def tokens(self) -> MemoryTokens:
        return MemoryTokens(MovableClock())

    @pytest.fixture
    def other(self) -> MemoryTokens:
        return MemoryTokens(MovableClock())


class TestMailbox(MailerContract):
    @pytest.fixture
    def mailer(self) -> Mailbox:
        return Mailbox()

    @pytest.fixture
    def arrivals(self, mailer: Mailbox) -> Arrivals:
        return lambda: [(letter.id, str(letter.recipient)) for letter in mailer.arrived]


class TestMovableClock(ClockContract):
    @pytest.fixture
    def clock(self) -> MovableClock:
        return MovableClock()


class TestListed(BlocklistContract):
    @pytest.fixture
    def blocklist(self) -> Blocklist:
        return listed

    @pytest.fixture
    def common(self) -> str:
        return "correct horse battery staple"
