"""Clocks that are wrong: nothing opens that was closed, nothing is lost, and later all is as it should be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.adapters import memory
from offbrand.adapters.argon2_hasher import Argon2Hasher
from offbrand.adapters.itsdangerous_tokens import ItsdangerousTokens
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.adapters.system_clock import SystemClock
from offbrand.adapters.zxcvbn_blocklist import guessable
from offbrand.domain.auth import Auth
from offbrand.domain.errors import ClocksDiffer, MailDelayed
from offbrand.domain.letters import LetterState
from tests.faults.proxy import HOST
from tests.faults.site import PASSWORD, Site, credentials, opened
from tests.integration.web.visitor import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from offbrand.settings import Settings
    from tests.faults.conftest import Log

NEW_PASSWORD = "seven quiet geese on the canal"
WRONG = "wrong, wrong and wrong"
NETWORK = f"network:{HOST}"
BACK = timedelta(hours=-1)
AHEAD = timedelta(days=3653)


@attrs.define
class WrongClock:
    """The machine's clock, set wrong by an operator."""

    by: timedelta = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.by


@attrs.frozen
class Stage:
    """A site whose clock and mailbox a test has in hand."""

    site: Site
    clock: WrongClock
    mailbox: memory.Mailbox

    def follow(self, kind_of_link: str) -> str:
        """Deliver, and return the path of the newest link."""
        self.site.auth.delivery.deliver()
        paths = [path_of(letter) for letter in self.mailbox.arrived if letter.token]
        return [path for path in paths if f"/{kind_of_link}/" in path][-1]

    def reset(self, path: str) -> int:
        """Use a link of a password reset; return the status of the answer."""
        browser = self.site.browser()
        browser.get(path)
        page = browser.get("/auth/reset/complete")
        if page.status != 200:
            return page.status
        fields = {"password": NEW_PASSWORD, "password2": NEW_PASSWORD}
        return browser.submit("/auth/reset/complete", **fields).status


@pytest.fixture
def stage(file: Path, tmp_path: Path) -> Iterator[Stage]:
    clock, mailbox = WrongClock(), memory.Mailbox()

    def core(settings: Settings, engine: Engine) -> Auth:
        return Auth.assemble(
            unit_of_work=SqlUnitOfWork(engine),
            hasher=Argon2Hasher(slots=4, memory_kib=8, passes=1, lanes=1),
            tokens=ItsdangerousTokens(keys=settings.secret_keys, base_url=settings.base_url, clock=clock),
            mailer=mailbox,
            clock=clock,
            throttle=SqlThrottle(engine),
            blocklist=guessable(None),
            policy=settings.policy,
        )

    with opened(make_engine(f"sqlite:///{file}"), tmp_path, core=core) as site:
        yield Stage(site, clock, mailbox)


def test_a_clock_that_goes_back_opens_nothing_that_was_closed(stage: Stage, log: Log) -> None:
    """L2, L3, L8: what was used, ended or spent stays so; sessions, links and letters of the present still serve."""
    site, clock = stage.site, stage.clock
    ada, bob = site.settle(), site.settle()
    member, gone = site.member(ada), site.member(ada)
    gone_cookie = gone.cookies["offbrand"]
    assert gone.send("/auth/logout").is_done
    gone.cookies["offbrand"] = gone_cookie
    site.browser().submit("/auth/reset", email=str(bob.email))
    used = stage.follow("reset")
    assert stage.reset(used) == 303
    site.browser().submit("/auth/reset", email=str(ada.email))
    unused = stage.follow("reset")
    guesser = site.at_login()
    for _ in range(20):
        assert guesser.send("/auth/login", identifier="nobody@example.org", password=WRONG).status == 401
    clock.by = BACK
    assert member.get("/auth/account").status == 200
    assert gone.get("/auth/account").status == 303
    assert stage.reset(used) == 400
    spent = guesser.send("/auth/login", identifier="nobody@example.org", password=WRONG)
    assert spent.status == 429
    assert 0 < int(spent.headers["Retry-After"]) <= 75 * 60
    assert site.at_login().send("/auth/login", **credentials(ada)).is_done
    assert stage.reset(unused) == 303
    site.auth.delivery.deliver()
    clock.by = timedelta()
    assert guesser.send("/auth/login", identifier="nobody@example.org", password=WRONG).status == 429
    assert member.get("/auth/account").status == 303
    assert site.at_login().send("/auth/login", **credentials(ada, NEW_PASSWORD)).is_done
    while site.auth.delivery.deliver():
        pass
    assert site.auth.delivery.status().counts[LetterState.WAITING] == 0
    assert log.new() == []


def test_a_clock_that_is_ten_years_ahead_closes_what_it_must_and_spoils_nothing(stage: Stage, log: Log) -> None:
    """L2, L3: sessions and links count as over, and are not once the clock is right again."""
    site, clock = stage.site, stage.clock
    ada = site.settle()
    member = site.member(ada)
    site.browser().submit("/auth/reset", email=str(ada.email))
    link = stage.follow("reset")
    clock.by = AHEAD
    assert member.get("/auth/account").status == 303
    assert stage.reset(link) == 400
    assert site.member(ada).get("/auth/account").status == 200
    clock.by = timedelta()
    assert member.get("/auth/account").status == 200
    assert stage.reset(link) == 303
    assert site.at_login().send("/auth/login", **credentials(ada, NEW_PASSWORD)).is_done
    assert log.new() == []


def test_a_session_from_the_future_is_none(stage: Stage) -> None:
    """L3: begun by a clock that was ten years ahead, it would otherwise last ten years and a day."""
    site, clock = stage.site, stage.clock
    clock.by = AHEAD
    member = site.member(site.settle())
    assert member.get("/auth/account").status == 200
    clock.by = timedelta()
    assert member.get("/auth/account").status == 303


def test_guesses_that_were_counted_in_the_future_free_in_time(stage: Stage) -> None:
    """L8: no count is lost, and the next purge frees what would be locked out for ten years."""
    site, clock = stage.site, stage.clock
    clock.by = AHEAD
    guesser = site.at_login()
    for _ in range(20):
        assert guesser.send("/auth/login", identifier="nobody@example.org", password=WRONG).status == 401
    clock.by = timedelta()
    # With another form, as that of the future is no longer taken.
    guesser = site.at_login()
    assert guesser.send("/auth/login", identifier="nobody@example.org", password=WRONG).status == 429
    site.auth.housekeeping.purge()
    assert guesser.send("/auth/login", identifier="nobody@example.org", password=WRONG).status == 401


@pytest.mark.parametrize("by", [BACK, AHEAD], ids=["back", "ahead"])
def test_a_letter_that_a_wrong_clock_has_put_off_still_leaves(by: timedelta, stage: Stage) -> None:
    """L5: written, leased and delayed under a wrong clock, it is sent once, soon after the clock is right."""
    site, clock = stage.site, stage.clock
    ada = site.settle()
    clock.by = by
    stage.mailbox.failure = MailDelayed("The mail server did not answer in time.")
    # A notice, as a link of that time would be over by now.
    member = site.member(ada)
    change = {"old_password": PASSWORD, "password": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert member.send("/auth/change-password", **change).is_done
    assert site.auth.delivery.deliver()[LetterState.WAITING] > 0
    with site.auth.login.unit_of_work.writing() as tx:
        # Somebody takes them all, and dies.
        tx.letters.lease(10, clock.now() + timedelta(minutes=1), clock.now() + timedelta(minutes=6))
    stage.mailbox.failure = None
    clock.by = timedelta(minutes=7)
    while site.auth.delivery.deliver():
        pass
    assert site.auth.delivery.status().counts[LetterState.WAITING] == 0
    ids = [letter.id for letter in stage.mailbox.arrived]
    assert len(ids) == len(set(ids)) == 2


@pytest.mark.parametrize("by", [BACK, AHEAD], ids=["back", "ahead"])
def test_nothing_is_purged_by_a_clock_that_the_database_does_not_share(by: timedelta, stage: Stage) -> None:
    """PRV-02, L11: a clock ten years ahead would find that everything has had its time."""
    site, clock = stage.site, stage.clock
    ada = site.settle()
    member = site.member(ada)
    clock.by = by
    with pytest.raises(ClocksDiffer):
        site.auth.housekeeping.purge()
    clock.by = timedelta()
    site.auth.housekeeping.purge()
    assert member.get("/auth/account").status == 200
