"""A database server that takes everything and answers nothing: requests that need it wait, and nobody else does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
import sqlalchemy as sa

from tests.faults.site import Site, credentials
from tests.waiting import until

if TYPE_CHECKING:
    from sqlalchemy import Dialect, Engine

    from tests.faults.conftest import Log
    from tests.faults.proxy import Proxy

# The shortest times that the drivers know, in seconds.
_SHORTEST = {"postgresql": {"connect_timeout": 2}, "mariadb": {"connect_timeout": 1, "read_timeout": 1}}


@attrs.define
class Haste:
    """Whether new connections wait as briefly as they can; a busy machine answers some that are well too late."""

    is_on: bool = False

    def connect(self, dialect: Dialect, _record: object, _arguments: object, options: dict[str, Any]) -> None:
        if self.is_on:
            options.update(_SHORTEST[dialect.name])


@pytest.fixture
def haste(site: Site) -> Haste:
    haste = Haste()
    sa.event.listen(site.engine, "do_connect", haste.connect)
    return haste


def connects(engine: Engine) -> bool:
    """Return whether a connection was made, which is in the pool then."""
    try:
        engine.connect().close()
    except sa.exc.OperationalError:
        return False
    return True


def test_flt_04_a_server_that_hangs_holds_up_who_needs_it_and_nobody_else(
    site: Site, line: Proxy, haste: Haste, log: Log
) -> None:
    ada = site.settle()
    browser = site.at_login()
    site.engine.dispose()
    haste.is_on = True
    until(lambda: connects(site.engine))
    line.hang()
    answer = browser.begin("/auth/login", **credentials(ada))
    until(lambda: line.is_hung)
    assert [site.browser().get(path).status for path in ("/", "/auth/login", "/healthz")] == [200, 200, 200]
    if site.engine.dialect.name == "postgresql":
        # libpq waits for an answer as long as the connection stands: only the network or the server can end that.
        line.cut()
    assert answer.result().is_refusal
    assert len(log.new()) == 1
    haste.is_on = False
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


def test_flt_04_connecting_to_a_server_that_hangs_is_given_up_in_time(
    site: Site, line: Proxy, haste: Haste, log: Log
) -> None:
    ada = site.settle()
    browser = site.at_login()
    site.engine.dispose()
    haste.is_on = True
    line.hang()
    for _ in range(2):
        assert browser.send("/auth/login", **credentials(ada)).is_refusal
        assert len(log.new()) == 1
    haste.is_on = False
    line.heal()
    assert browser.send("/auth/login", **credentials(ada)).is_done
    assert log.new() == []
