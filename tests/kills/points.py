"""Points: a process that stops at one point of a flow, between two things that it tells the database, and is killed."""

from __future__ import annotations

import itertools
import multiprocessing
import signal
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs
from sqlalchemy import event

from offbrand.adapters.sql.engine import make_engine
from offbrand.bootstrap import bootstrap
from offbrand.domain.claims import Claim, Purpose
from offbrand.domain.values import EmailAddress, Password, Username
from offbrand.settings import Settings
from tests.races.crew import Call, call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from multiprocessing.connection import Connection

    from sqlalchemy import Engine

    from offbrand.domain.account import Account
    from offbrand.domain.auth import Auth
    from offbrand.domain.values import Token

PATIENCE = 60  # seconds, for a machine that is busy
PASSWORD = Password("wqzvkjxhmpfybgd")
# Forked from one process that has imported everything, so that each of hundreds starts in no time.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


@attrs.define
class Points:
    """Counts the points that a process comes to, and stops it for good at the one that is to be its last."""

    last: int
    pipe: Connection
    passed: int = 0

    def watch(self, engine: Engine) -> None:
        """See every statement before it is sent, every commit before, and every transaction when it is over."""
        event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: self._come_to(statement))
        event.listen(engine, "commit", lambda _connection: self._come_to("COMMIT"))
        event.listen(engine, "checkin", lambda *_: self._come_to("afterwards"))

    def _come_to(self, what: str) -> None:
        self.passed += 1
        if self.passed == self.last:
            self.pipe.send(what)
            signal.pause()


@contextmanager
def stopped(environ: Mapping[str, str], act: Call, point: int) -> Iterator[str]:
    """Let a process make the call up to *point*, tell what would have come next, and kill it; nothing if it is done."""
    with _started(_act, dict(environ), act, point) as pipe:
        assert pipe.poll(PATIENCE)
        yield pipe.recv()


@contextmanager
def bustling(environ: Mapping[str, str], name: str) -> Iterator[None]:
    """Let a process do as much as it can of everything while the block lasts, and then kill it."""
    with _started(_bustle, dict(environ), name) as pipe:
        assert pipe.poll(PATIENCE)
        assert pipe.recv() == "ready"
        yield
        assert not pipe.poll(), pipe.recv()


def link(auth: Auth, account: Account, purpose: Purpose) -> Token:
    """Return the token of a link that is in the mailbox of *account*."""
    expires_at = auth.policy.expiry(purpose, datetime.now(UTC))
    return auth.delivery.tokens.sign(
        Claim(
            purpose=purpose,
            account_id=account.id,
            generation=account.generation,
            expires_at=expires_at,
            email=account.email,
        )
    )


def newest(auth: Auth, email: EmailAddress) -> Account:
    """Return the account that has claimed the address, or else the newest that waits for it."""
    with auth.landing.unit_of_work.reading() as tx:
        account = tx.accounts.claimed_by(email) or tx.accounts.newest_pending(email)
    assert account is not None
    return account


@contextmanager
def _started(task: Callable[..., None], *arguments: object) -> Iterator[Connection]:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=task, args=(*arguments, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def _act(environ: Mapping[str, str], act: Call, point: int, pipe: Connection) -> None:
    auth, engine = _assembled(environ)
    Points(point, pipe).watch(engine)
    outcome = act.on(auth)
    assert outcome.defect is None, outcome.defect
    pipe.send("")


def _bustle(environ: Mapping[str, str], name: str, pipe: Connection) -> None:
    auth, _ = _assembled(environ)
    pipe.send("ready")
    for number in itertools.count():
        for act in _life(auth, f"{name}.{number}"):
            # Two processes may meet in a deadlock, and one of them is to try again (law L11).
            while (outcome := act.on(auth)).code == "unavailable":
                pass
            if not outcome.is_ok:
                pipe.send(outcome.defect or outcome.code)


def _life(auth: Auth, name: str) -> Iterator[Call]:
    """Give what somebody does in turn, each call made when the one before it is done."""
    email = EmailAddress(f"{name}@example.org")
    yield call("registration.register", email, Username(name), PASSWORD)
    yield call("confirmation.complete", link(auth, newest(auth, email), Purpose.CONFIRMATION), PASSWORD)
    yield call("login.log_in", email, PASSWORD)
    yield Call("delivery.deliver", (1,), {})


def _assembled(environ: Mapping[str, str]) -> tuple[Auth, Engine]:
    settings = Settings.from_env(environ)
    engine = make_engine(settings.database_url.reveal())
    auth = bootstrap(settings, engine=engine)
    # Connects, so that what a new connection is told does not count.
    auth.delivery.status()
    return auth, engine
