"""The programs themselves are killed: `offbrand serve` and `offbrand mail deliver --watch`, at moments that matter."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack, closing, contextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from offbrand.adapters.sql.tables import accounts
from offbrand.domain.values import EmailAddress
from tests.integration.cli.server import PATIENCE, Server
from tests.integration.sql.lock_waits import lock_waits
from tests.kills.browser import Broken, Browser, Wire
from tests.kills.points import PASSWORD, newest
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.account import Account
    from tests.kills.browser import Answer
    from tests.kills.place import Place

ADA = EmailAddress("ada@example.org")
_REGISTER, _COMPLETE = "/auth/register", "/auth/confirm/complete"


def test_flt_02_a_letter_leaves_although_the_server_that_wrote_it_is_killed(place: Place) -> None:
    """Between commit and mail hand-over; what leaves it is a program that was not there then."""
    with served(place) as browser:
        fields = {"email": str(ADA), "username": "ada", "password": PASSWORD.reveal(), "password2": PASSWORD.reveal()}
        assert browser.submit(_REGISTER, browser.see(_REGISTER), fields).status == 303
    assert place.post.copies == []
    with Server(place.terminal, "mail", "deliver", "--watch") as watcher:
        until(lambda: place.post.links_to(str(ADA)))
        assert watcher.ends(signal.SIGTERM)[0] == 0
    (link,) = place.post.links_to(str(ADA))
    with served(place) as browser:
        assert confirm(browser, link).status == 303
    place.rest()


def test_a_confirmation_that_waits_for_a_lock_is_killed_and_has_done_nothing(place: Place) -> None:
    """Laws L1 and L2: in the middle of its transaction; and nothing of it comes afterwards, when the lock is free."""
    account = place.pending("ada")
    place.rest()
    (link,) = place.post.links_to(str(ADA))
    broken: list[str] = []
    is_asking = threading.Event()

    def ask() -> None:
        browser.see(link)
        page = browser.see(_COMPLETE)
        is_asking.set()
        try:
            browser.submit(_COMPLETE, page, {"password": PASSWORD.reveal()})
        except Broken:
            broken.append("killed")

    asking = threading.Thread(target=ask)
    with ExitStack() as server:
        browser = server.enter_context(served(place))
        with locked(place, account):
            asking.start()
            assert is_asking.wait(PATIENCE)
            wait_for_the_lock(place, asking)
            server.close()
            asking.join(PATIENCE)
    assert broken == ["killed"]
    place.rest()
    assert newest(place.auth, ADA).is_pending
    with served(place) as browser:
        assert confirm(browser, link).status == 303
    place.rest()
    assert not newest(place.auth, ADA).is_pending


@pytest.mark.parametrize(("moment", "copies"), [("before", {1}), ("taken", {2}), ("told", {1, 2})])
def test_flt_02_a_letter_arrives_although_its_sender_is_killed(place: Place, moment: str, copies: set[int]) -> None:
    """Before the mail server has it; when it has it; when it has said so. At most one duplicate, with the same link."""
    with place.hazard() as terminal, Server(terminal, "mail", "deliver", "--watch") as watcher:

        def kill(now: str) -> None:
            if now == moment:
                watcher.process.kill()
                watcher.process.wait()

        place.post.pause = kill
        place.pending("ada")
        watcher.process.wait(PATIENCE)
    place.post.pause = lambda _moment: None
    if moment != "told":
        # Nobody else takes it as long as the killed one might still be about to mark it.
        assert place.leased() == 1
    place.rest()
    links = place.post.links_to(str(ADA))
    assert len(links) in copies
    assert len(set(links)) == 1
    with served(place) as browser:
        assert confirm(browser, links[-1]).status == 303
    place.rest()


@contextmanager
def served(place: Place) -> Iterator[Browser]:
    """Lend a browser, and a server for it that is killed in the end."""
    with Server(place.terminal, "serve", "--port", "0") as server:
        port = int(server.remarks().rpartition(":")[2].rstrip("."))
        with closing(Wire(lambda: [port], Random(0))) as wire:  # noqa: S311 - one port to choose from
            yield Browser(wire, "192.0.2.1")


def confirm(browser: Browser, link: str) -> Answer:
    """Follow the link and type the password."""
    browser.see(link)
    return browser.submit(_COMPLETE, browser.see(_COMPLETE), {"password": PASSWORD.reveal()})


@contextmanager
def locked(place: Place, account: Account) -> Iterator[None]:
    """Keep the account's row from everybody else; on SQLite the database."""
    with place.engine.connect() as connection, connection.begin():
        if place.kind == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(select(accounts.c.id).where(accounts.c.id == account.id).with_for_update())
        yield


def wait_for_the_lock(place: Place, asking: threading.Thread) -> None:
    """Return when somebody waits for the lock."""
    if place.kind == "sqlite":
        # An answer would have come by then, and the lock's patience is longer.
        asking.join(1)
        return

    def is_waiting() -> bool:
        # In a transaction of its own each time, as PostgreSQL tells no news within one.
        with place.engine.connect() as connection:
            return lock_waits(connection) > 0

    until(is_waiting)
