"""A database server that takes everything and answers nothing: requests that need it wait, and nobody else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.site import Site, credentials
from tests.waiting import until

if TYPE_CHECKING:
    from tests.faults.conftest import Log
    from tests.faults.proxy import Proxy


@pytest.fixture
def query(database: str) -> dict[str, str]:
    """The shortest times that the drivers know."""
    postgresql = {"connect_timeout": "2"}
    return postgresql if database.startswith("postgresql") else {"connect_timeout": "1", "read_timeout": "1"}


def test_flt_04_a_server_that_hangs_holds_up_who_needs_it_and_nobody_else(site: Site, line: Proxy, log: Log) -> None:
    ada = site.settle()
    browser = site.at_login()
    line.hang()
    answer = browser.begin("/auth/login", **credentials(ada))
    until(lambda: line.is_hung)
    assert [site.browser().get(path).status for path in ("/", "/auth/login", "/healthz")] == [200, 200, 200]
    if site.engine.dialect.name == "postgresql":
        # libpq waits for an answer as long as the connection stands: only the network or the server can end that.
        line.cut()
    assert answer.result().is_refusal
    assert len(log.new()) == 1
    line.cut()
    line.resume()
    assert browser.send("/auth/login", **credentials(ada)).is_done
    assert log.new() == []


def test_flt_04_a_server_that_hangs_and_goes_on_loses_nothing(site: Site, line: Proxy, log: Log) -> None:
    ada = site.settle()
    browser = site.at_login()
    line.hang()
    answer = browser.begin("/auth/login", **credentials(ada))
    until(lambda: line.is_hung)
    line.resume()
    assert answer.result().is_done
    assert (site.sessions(ada), log.new()) == (1, [])


def test_flt_04_connecting_to_a_server_that_hangs_is_given_up_in_time(site: Site, line: Proxy, log: Log) -> None:
    ada = site.settle()
    browser = site.at_login()
    site.engine.dispose()
    line.hang()
    for _ in range(2):
        assert browser.send("/auth/login", **credentials(ada)).is_refusal
        assert len(log.new()) == 1
    line.heal()
    assert browser.send("/auth/login", **credentials(ada)).is_done
    assert log.new() == []
