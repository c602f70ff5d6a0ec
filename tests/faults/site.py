"""Site: the pages behind waitress over a real database, in this process, where a test reaches what lies beneath."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from sqlalchemy import func, select, update

from offbrand.adapters.sql.tables import events, letters, sessions, throttle
from offbrand.bootstrap import bootstrap
from offbrand.domain.values import AccountId, EmailAddress, Password, Username
from offbrand.entrypoints.serving import listen, run
from offbrand.entrypoints.stopping import Wish
from offbrand.entrypoints.web import create_app
from offbrand.settings import Settings
from tests.faults.browser import HOST, Browser
from tests.hashed import hashed
from tests.unit.people import active

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine, Row, Table

    from offbrand import Account, Auth

PASSWORD = "a lantern, a ladder and a loaf"
# Hashing costs next to nothing here; what it costs in truth is not what these tests are about.
CHEAP = {
    "OFFBRAND_HASH_SLOTS": "4",
    "OFFBRAND_HASH_MEMORY_KIB": "8",
    "OFFBRAND_HASH_PASSES": "1",
    "OFFBRAND_HASH_LANES": "1",
}


@attrs.frozen(kw_only=True)
class Site:
    """A running front end, and what lies behind it."""

    auth: Auth
    engine: Engine
    port: int

    def browser(self) -> Browser:
        """Return somebody new."""
        return Browser(self.port)

    def at_login(self) -> Browser:
        """Return somebody who sees the login form."""
        return self.browser().open("/auth/login")

    def member(self, account: Account) -> Browser:
        """Return somebody who is logged in, and sees the menu of members."""
        browser = self.browser()
        assert browser.submit("/auth/login", **credentials(account)).is_done
        return browser.open("/")

    def settle(self) -> Account:
        """Let somebody have an account, under a name of their own."""
        return settle(self.auth)

    def sessions(self, account: Account) -> int:
        """Return how many sessions of the account are stored."""
        return self._count(sessions, account)

    def events(self, account: Account) -> int:
        """Return how much has happened to the account, as far as anybody knows."""
        return self._count(events, account)

    def attempts(self, key: str) -> int:
        """Return how often something was counted."""
        with self.engine.connect() as connection:
            return connection.execute(select(throttle.c.attempts).where(throttle.c.key == key)).scalar() or 0

    def letter(self, account: Account) -> Row[Any]:
        """Return the oldest letter to the account."""
        query = select(letters).where(letters.c.account_id == account.id).order_by(letters.c.id)
        with self.engine.connect() as connection:
            return connection.execute(query).first() or pytest.fail("There is no letter.")

    def hurry(self, at: datetime) -> None:
        """Make every letter that waits due at this moment."""
        with self.engine.begin() as connection:
            connection.execute(update(letters).values(due_at=at, leased_until=None))

    def _count(self, table: Table, account: Account) -> int:
        query = select(func.count()).select_from(table).where(table.c.account_id == account.id)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar_one()


def credentials(account: Account, password: str = PASSWORD) -> dict[str, str]:
    """Return what to type into the login form."""
    return {"identifier": str(account.email), "password": password}


def settle(auth: Auth) -> Account:
    """Let somebody have an account, under a name of their own."""
    number = auth.login.tokens.new_id()
    account = active(
        id=AccountId(number),
        avatar_id=number,
        email=EmailAddress(f"a{number.hex}@example.org"),
        username=Username(f"a{number.hex}"),
        password_hash=hashed(auth, Password(PASSWORD)),
    )
    with auth.login.unit_of_work.writing() as tx:
        tx.accounts.add(account)
    return account


@contextmanager
def opened(
    engine: Engine,
    folder: Path,
    *,
    core: Callable[[Settings, Engine], Auth] = lambda settings, engine: bootstrap(settings, engine=engine),
    **environ: str,
) -> Iterator[Site]:
    """Serve the pages of a deployment in *folder* over *engine* while the block lasts."""
    settings = Settings.from_env(
        {
            "OFFBRAND_ENV": "development",
            "OFFBRAND_DATABASE_URL": f"sqlite:///{folder}/offbrand.db",
            "OFFBRAND_BASE_URL": f"http://{HOST}",
            **CHEAP,
            **environ,
        }
    )
    auth = core(settings, engine)
    sockets = listen(HOST, 0)
    wish, app = Wish(), create_app(auth, settings)
    # What `offbrand serve` runs; its own way in waits for signals, which only a program gets.
    arguments = (app, sockets, settings, wish, lambda: None)
    thread = threading.Thread(target=run, args=arguments, daemon=True)
    thread.start()
    try:
        yield Site(auth=auth, engine=engine, port=sockets[0].getsockname()[1])
    finally:
        wish.signal = signal.SIGTERM
        thread.join()
        engine.dispose()
