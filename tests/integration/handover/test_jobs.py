"""The job itself, in memory: what it does with a letter, and what it says when it fails."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import attrs
import procrastinate
import pytest
from procrastinate.testing import InMemoryConnector

from offbrand.adapters.sql.procrastinate_handover import TASK, register
from offbrand.domain.errors import Unavailable
from offbrand.domain.letters import LetterState
from tests.unit.house import House

if TYPE_CHECKING:
    from offbrand.domain.auth import Auth
    from offbrand.domain.letters import ReadyLetter


@attrs.frozen
class Failing:
    """A mailer that fails in whatever way it is told."""

    trouble: Exception

    def send(self, _letter: ReadyLetter) -> None:
        raise self.trouble


def work(auth: Auth) -> list[str]:
    """Run a worker until its one job is done; return how that ended."""
    connector = InMemoryConnector()
    app = procrastinate.App(connector=connector)
    register(app, auth)

    def run() -> None:
        app.configure_task(TASK).defer()
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    # Where a browser was driven before, this thread has an event loop already.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()
    return [job["status"] for job in connector.jobs.values() if not job["args"]]


def test_a_job_delivers_what_waits() -> None:
    house = House()
    house.sign_up()
    assert work(house.auth) == ["succeeded"]
    assert house.auth.delivery.status().counts[LetterState.SENT] == 1


@pytest.mark.parametrize(
    ("trouble", "reason"), [(LookupError("hunter2-hunter2"), "LookupError"), (Unavailable(5), "unavailable")]
)
def test_l9_a_job_that_fails_says_no_more_than_the_kind_of_trouble(
    trouble: Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker logs it with everything that is chained to it, and the letter waits."""
    house = House()
    house.sign_up()
    with caplog.at_level(logging.DEBUG):
        assert work(house.assemble(mailer=Failing(trouble))) == ["failed"]
    assert f"letters wait: {reason}" in caplog.text
    assert "hunter2" not in caplog.text
    assert house.auth.delivery.status().counts[LetterState.WAITING] == 1
