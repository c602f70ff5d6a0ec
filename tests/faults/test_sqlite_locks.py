"""A SQLite file that somebody else has locked: waited for as agreed, refused after that, and no count is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.tables import sessions, throttle
from tests.faults.proxy import HOST
from tests.faults.site import PASSWORD, Site, credentials, opened
from tests.integration.cli.terminal import Terminal, refusal
from tests.integration.sql.databases import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.conftest import Log

NETWORK = f"network:{HOST}"
WRONG = "wrong, wrong and wrong"
_LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read(1)
connection.execute("ROLLBACK")
"""


@pytest.fixture
def site(file: Path, tmp_path: Path) -> Iterator[Site]:
    """Serve pages over a file, with the patience that the product has."""
    with opened(make_engine(f"sqlite:///{file}"), tmp_path) as site:
        yield site


@pytest.fixture
def patient(file: Path, tmp_path: Path) -> Iterator[Site]:
    """Serve pages over a file with more patience, for a machine that is busy or whose disk is slow."""
    with opened(make_engine(f"sqlite:///{file}", busy_timeout=PATIENCE), tmp_path, OFFBRAND_HASH_SLOTS="20") as site:
        yield site


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Let another process have the file for itself while the block lasts."""
    program = [sys.executable, "-c", _LOCKER, str(file)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            process.stdin.write("\n")
            process.stdin.close()
            process.wait()


def test_flt_06_a_lock_of_three_seconds_is_waited_for(patient: Site, file: Path, log: Log) -> None:
    ada = patient.settle()
    browser, member = patient.at_login(), patient.member(ada)
    with locked(file):
        answer = browser.begin("/auth/login", **credentials(ada))
        # Who only reads does not even wait.
        assert member.get("/auth/account").status == 200
        with pytest.raises(TimeoutError):
            answer.exception(3)
    assert answer.result().is_done
    assert log.new() == []


def test_flt_06_a_longer_lock_is_refused_and_the_next_request_is_served(site: Site, file: Path, log: Log) -> None:
    """FLT-06, L11: 503 after the 5 seconds of the default, again and again for as long as the lock is held."""
    ada = site.settle()
    browser, member = site.at_login(), site.member(ada)
    stored = site.sessions(ada), site.events(ada), site.attempts(NETWORK)
    with locked(file):
        for _ in range(10 if os.environ.get("OFFBRAND_TEST_LONG") else 1):
            asked = [
                browser.begin("/auth/login", **credentials(ada)),
                browser.begin("/auth/reset", email=str(ada.email)),
                member.begin("/auth/logout"),
            ]
            assert [answer.result().status for answer in asked if not answer.result().is_refusal] == []
            assert len(log.new()) == len(asked)
    assert (site.sessions(ada), site.events(ada), site.attempts(NETWORK)) == stored
    assert browser.send("/auth/login", **credentials(ada)).is_done
    assert member.get("/auth/account").status == 200
    assert member.send("/auth/logout").is_done
    assert log.new() == []


def test_flt_06_commands_wait_and_then_say_so(file: Path, tmp_path: Path) -> None:
    terminal = Terminal.at(tmp_path)
    with locked(file):
        result = terminal.program("login", "ada", input=f"{PASSWORD}\n")
        assert refusal(result) == (75, "unavailable")
        assert result.stderr.startswith("Something we depend on does not answer.")
    assert refusal(terminal.program("login", "ada", input=f"{PASSWORD}\n")) == (77, "invalid_credentials")


def test_flt_06_twenty_at_once_lose_no_count_and_see_no_lock(patient: Site, log: Log) -> None:
    """FLT-06: each guesses four times and then logs in, by which the network's limit is reached and not passed."""
    people = [patient.settle() for _ in range(20)]
    browsers = [patient.at_login() for _ in people]

    def act(number: int) -> list[int]:
        browser, person = browsers[number], people[number]
        wrong = [browser.send("/auth/login", **credentials(person, WRONG)).status for _ in range(4)]
        return [*wrong, browser.send("/auth/login", **credentials(person)).status]

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(act, range(20)))
    assert statuses == [[401] * 4 + [303]] * 20
    with patient.engine.connect() as connection:
        counts = connection.execute(sa.select(throttle.c.key, throttle.c.attempts)).all()
        stays = connection.execute(sa.select(sessions.c.account_id)).scalars().all()
    assert patient.attempts(NETWORK) == 100
    assert Counter(attempts for key, attempts in counts if key.startswith("identifier:")) == {5: 20}
    # Success has cleared these.
    assert not [key for key, _ in counts if key.startswith("account")]
    assert sorted(stays) == sorted(person.id for person in people)
    assert log.new() == []
