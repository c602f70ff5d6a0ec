"""The contracts, kept by the adapters of a deployment that need no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters import memory
from offbrand.adapters.argon2_hasher import Argon2Hasher
from offbrand.adapters.itsdangerous_tokens import ItsdangerousTokens
from offbrand.adapters.mail.composer import Composer, default_links
from offbrand.adapters.mail.mailbox_mailer import MailboxMailer
from offbrand.adapters.system_clock import SystemClock
from offbrand.adapters.zxcvbn_blocklist import guessable
from offbrand.contracts.blocklist import BlocklistContract
from offbrand.contracts.clock import ClockContract
from offbrand.contracts.mailer import Arrivals, MailerContract
from offbrand.contracts.password_hasher import PasswordHasherContract
from offbrand.contracts.tokens import TokensContract
from offbrand.domain.values import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from offbrand.domain.ports import Blocklist

BASE_URL = "https://auth.example.org"
OLD_KEY, NEW_KEY, FOREIGN_KEY = (
    Secret(f"{word} key of more than 32 bytes, for tests") for word in ("old", "new", "bad")
)


class TestArgon2Hasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> Argon2Hasher:
        return Argon2Hasher(slots=2, memory_kib=8, passes=1, lanes=1)

    @pytest.fixture
    def dearer(self) -> Argon2Hasher:
        return Argon2Hasher(slots=2, memory_kib=16, passes=1, lanes=1)


class TestItsdangerousTokens(TokensContract):
    @pytest.fixture
    def tokens(self) -> ItsdangerousTokens:
        return ItsdangerousTokens([OLD_KEY, NEW_KEY], BASE_URL, memory.MovableClock())

    @pytest.fixture
    def other(self) -> ItsdangerousTokens:
        return ItsdangerousTokens([FOREIGN_KEY], BASE_URL, memory.MovableClock())

    @pytest.fixture
    def twin(self) -> ItsdangerousTokens:
        return ItsdangerousTokens([OLD_KEY, NEW_KEY], BASE_URL, memory.MovableClock())


class TestMailboxMailer(MailerContract):
    @pytest.fixture
    def mailer(self, tmp_path: Path) -> MailboxMailer:
        composer = Composer(
            links=default_links(BASE_URL),
            base_url=BASE_URL,
            sender="no-reply@example.org",
            subject_prefix="[Offbrand]",
            product="Offbrand",
        )
        return MailboxMailer(tmp_path / "mailbox", composer)

    @pytest.fixture
    def arrivals(self, mailer: MailboxMailer) -> Arrivals:
        return lambda: [(head.id, head.to) for head in mailer.letters()]


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()


class TestGuessable(BlocklistContract):
    @pytest.fixture
    def blocklist(self) -> Blocklist:
        return guessable()

    @pytest.fixture
    def common(self) -> str:
        return "passwordpassword"
