"""Locks that others hold, and a database that only reads: a refusal in time, and nothing half done or let through."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.tables import accounts, throttle
from tests.faults.proxy import HOST
from tests.faults.site import Site, credentials, opened
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import Log
    from tests.faults.operator import Operator

NETWORK = f"network:{HOST}"


def test_flt_05_l11_a_count_that_cannot_be_made_denies(site: Site, operator: Operator, log: Log) -> None:
    """L8, L11: the right password opens nothing while guesses cannot be counted, and it is said within the patience."""
    ada = site.settle()
    browser = site.at_login()
    assert browser.send("/auth/login", **credentials(ada, "wrong, wrong and wrong")).status == 401
    events = site.events(ada)
    with operator.holding(NETWORK):
        took: list[float] = []
        # Measured three times if need be, as the machine may be busy.
        while len(took) < 3 and min(took, default=5) >= 5:
            began = time.monotonic()
            assert browser.send("/auth/login", **credentials(ada)).is_refusal
            took.append(time.monotonic() - began)
            assert len(log.new()) == 1
        assert 1 <= min(took) < 5
    assert (site.sessions(ada), site.events(ada), site.attempts(NETWORK)) == (0, events, 1)
    assert browser.send("/auth/login", **credentials(ada)).is_done
    assert (site.sessions(ada), site.attempts(NETWORK)) == (1, 2)


def test_flt_05_l11_what_cannot_be_revoked_is_not_said_to_be(site: Site, operator: Operator, log: Log) -> None:
    """The account's row is locked by somebody else: no log out, new password or ended session is reported as done."""
    ada = site.settle()
    member, other = site.member(ada), site.member(ada)
    held = site.sessions(ada), site.events(ada)
    change = {"old_password": "a lantern, a ladder and a loaf", "password": "seven quiet geese on the canal"}
    with operator.locking(sa.select(accounts).where(accounts.c.id == ada.id)):
        asked = [
            member.send("/auth/logout"),
            member.send("/auth/sessions/end-others"),
            member.send("/auth/change-password", **change, password2=change["password"]),
            member.send("/auth/close"),
        ]
        assert [answer.status for answer in asked if not answer.is_refusal] == []
        assert len(log.new()) == len(asked)
    assert (site.sessions(ada), site.events(ada)) == held
    assert (member.get("/auth/account").status, other.get("/auth/account").status) == (200, 200)
    assert member.send("/auth/sessions/end-others").is_done
    assert other.get("/auth/account").status == 303
    assert log.new() == []


class TestDeadlock:
    @pytest.fixture
    def patience(self) -> float:
        """Longer than a server needs to find a deadlock."""
        return 20

    def test_l11_a_deadlock_is_a_refusal(self, site: Site, operator: Operator, log: Log) -> None:
        """Somebody locks two counts in the other order, and has done more, so that the server spares them."""
        ada = site.settle()
        browser = site.at_login()
        assert browser.send("/auth/login", **credentials(ada, "wrong, wrong and wrong")).status == 401
        sessions, events = site.sessions(ada), site.events(ada)
        with operator.holding(f"account-in-all:{ada.id}") as other:
            rows = [{"key": f"ballast:{number}", "attempts": 1} for number in range(100)]
            other.execute(sa.insert(throttle), rows)
            if operator.kind == "postgresql":
                # It ends whoever has waited for a second when there is a deadlock, so that this one must not look.
                other.exec_driver_sql("SET LOCAL deadlock_timeout = '1min'")
            answer = browser.begin("/auth/login", **credentials(ada))
            operator.sees_waiting()
            other.execute(sa.update(throttle).where(throttle.c.key == NETWORK).values(attempts=1))
            assert answer.result().is_refusal
            assert len(log.new()) == 1
        assert (site.sessions(ada), site.events(ada)) == (sessions, events)
        assert browser.send("/auth/login", **credentials(ada)).is_done
        assert log.new() == []


# As an operator may choose it in the URL.
_BRIEF = {
    "postgresql": {"options": "-c statement_timeout=500"},
    "mariadb": {"init_command": "SET SESSION max_statement_time = 0.5"},
}


def test_l11_a_statement_that_takes_too_long_is_a_refusal(
    site: Site, operator: Operator, url: str, tmp_path: Path, log: Log
) -> None:
    """A lock would be waited for much longer. Only what is to fail is that brief, as the machine may be busy."""
    ada = site.settle()
    assert site.at_login().send("/auth/login", **credentials(ada, "wrong, wrong and wrong")).status == 401
    brief = sa.make_url(url).update_query_dict(_BRIEF[operator.kind]).render_as_string(hide_password=False)
    with opened(make_engine(brief, busy_timeout=20), tmp_path) as brief_site:
        browser = brief_site.at_login()
        with operator.holding(NETWORK):
            assert browser.send("/auth/login", **credentials(ada)).is_refusal
            assert len(log.new()) == 1
        until(lambda: browser.send("/auth/login", **credentials(ada)).is_done)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_flt_05_a_database_that_only_reads_lets_nobody_in_and_nobody_believe(
    site: Site, operator: Operator, log: Log
) -> None:
    """FLT-05: as after a failover to a standby. Who is logged in may go on reading; later, all is well again."""
    ada = site.settle()
    member, stranger = site.member(ada), site.at_login()
    held = site.sessions(ada), site.events(ada), site.attempts(NETWORK)
    operator.does("ALTER DATABASE {} SET default_transaction_read_only = on")
    operator.ends_connections()
    asked = [
        stranger.send("/auth/login", **credentials(ada)),
        stranger.send("/auth/login", **credentials(ada, "wrong, wrong and wrong")),
        stranger.send("/auth/reset", email=str(ada.email)),
        member.send("/auth/logout"),
    ]
    assert [answer.status for answer in asked if not answer.is_refusal] == []
    assert len(log.new()) == len(asked)
    assert member.get("/auth/account").status == 200
    assert (site.sessions(ada), site.events(ada), site.attempts(NETWORK)) == held
    operator.does("ALTER DATABASE {} RESET default_transaction_read_only")
    # A connection stays what it was when it began: the one that has read meanwhile costs one more request.
    assert stranger.send("/auth/login", **credentials(ada)).is_refusal
    assert stranger.send("/auth/login", **credentials(ada)).is_done
    assert member.send("/auth/logout").is_done
    assert site.sessions(ada) == 1
    assert len(log.new()) == 1
