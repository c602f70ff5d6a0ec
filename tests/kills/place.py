"""Place: a database and a post where processes are killed, and a core that goes on afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs
from sqlalchemy import text

from offbrand.adapters.memory.clock import MovableClock
from offbrand.bootstrap import bootstrap
from offbrand.domain.letters import LetterState
from offbrand.domain.values import Client, EmailAddress, Username
from offbrand.settings import Settings
from tests.integration.cli.terminal import Terminal
from tests.kills.consistency import inconsistencies
from tests.kills.points import PASSWORD, newest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from offbrand.domain.account import Account
    from offbrand.domain.auth import Auth
    from tests.kills.post import Post

_KEYS = "0123456789abcdef0123456789abcdef"


@attrs.frozen(kw_only=True)
class Place:
    """One installation; *terminal* starts its programs, *auth* is its core in this process, which nobody kills."""

    terminal: Terminal
    engine: Engine
    post: Post
    auth: Auth

    @classmethod
    def at(cls, folder: Path, engine: Engine, post: Post) -> Place:
        """Install in *folder* over an empty database."""
        terminal = Terminal.at(folder).but(
            OFFBRAND_DATABASE_URL=engine.url.render_as_string(hide_password=False),
            OFFBRAND_SECRET_KEYS=_KEYS,
            OFFBRAND_BASE_URL="http://127.0.0.1",
            OFFBRAND_TRUSTED_PROXIES="1",
            OFFBRAND_DELIVERY_THREAD="off",
            OFFBRAND_SMTP_URL=f"smtp+plain://127.0.0.1:{post.open_door()}",
        )
        auth = bootstrap(Settings.from_env(terminal.environ), engine=engine)
        return cls(terminal=terminal, engine=engine, post=post, auth=auth)

    @property
    def kind(self) -> str:
        """Which kind of database it is."""
        return self.engine.dialect.name

    @contextmanager
    def hazard(self) -> Iterator[Terminal]:
        """Lend the terminal of a process that is killed when the block ends; its letters come by a door of its own."""
        door = self.post.open_door()
        try:
            yield self.terminal.but(OFFBRAND_SMTP_URL=f"smtp+plain://127.0.0.1:{door}")
        finally:
            self.post.close_door(door)

    def pending(self, name: str) -> Account:
        """Register somebody, whose letter waits."""
        email = EmailAddress(f"{name}@example.org")
        self.auth.registration.register(email, Username(name), PASSWORD, client=Client())
        return newest(self.auth, email)

    def leased(self) -> int:
        """Return how many letters wait that nobody may send now, which this tries."""
        self.auth.delivery.deliver()
        return self.auth.delivery.status().counts[LetterState.WAITING]

    def duplicates(self) -> int:
        """Return how many copies there are too many."""
        return len(self.post.copies) - len({copy.id for copy in self.post.copies})

    def rest(self) -> None:
        """Let the leases of the killed run out, all letters leave, and check what there is."""
        later = MovableClock(datetime.now(UTC) + 2 * self.auth.policy.lease_lasts)
        while any(attrs.evolve(self.auth.delivery, clock=later).deliver().values()):
            pass
        with self.engine.connect() as connection:
            wrong = inconsistencies(connection, *self.post.found())
            assert not wrong, "\n".join(wrong)
            if self.kind == "sqlite":
                assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
