"""What faults share: migrated databases, and a log that is read line by line and never holds a secret."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.tables import throttle
from tests.faults.operator import PORTS, Operator
from tests.faults.proxy import HOST, Proxy
from tests.faults.site import PASSWORD, Site, opened
from tests.integration.conftest import migrated
from tests.integration.sql.databases import SERVERS, server_database

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.define
class Log:
    """What the product has logged for the operator."""

    caplog: pytest.LogCaptureFixture
    read: int = 0

    def new(self) -> list[str]:
        """Return the warnings and errors since the last look."""
        records = self._ours()
        fresh, self.read = records[self.read :], len(records)
        return [record.getMessage() for record in fresh if record.levelno >= logging.WARNING]

    def whole(self) -> str:
        """Return everything, as it would be written."""
        return "\n".join(map(logging.Formatter().format, self._ours()))

    def _ours(self) -> list[logging.LogRecord]:
        # The mail server of these tests logs as well; what waitress says of its queue, the program itself leaves out.
        return [record for record in self.caplog.records if record.name not in ("mail.log", "waitress.queue")]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[Log]:
    """Return the log; whatever happens, no secret (law L9) and no traceback is in it when the test is over."""
    caplog.set_level(logging.INFO)
    log = Log(caplog)
    yield log
    assert PASSWORD not in log.whole()
    assert "@example.org" not in log.whole()
    assert "Traceback" not in log.whole()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Migrate one file, for all tests to copy."""
    path = tmp_path_factory.mktemp("template") / "offbrand.db"
    with migrated(f"sqlite:///{path}"):
        yield path


@pytest.fixture
def file(template: Path, tmp_path: Path) -> Path:
    """Return a migrated SQLite file."""
    return Path(shutil.copy(template, tmp_path / "offbrand.db"))


@pytest.fixture(scope="session", params=SERVERS)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the URL of a migrated database on each server in turn."""
    with server_database(request.param) as url, migrated(url):
        yield url


@pytest.fixture
def operator(database: str) -> Operator:
    return Operator(database)


@pytest.fixture
def line(database: str) -> Iterator[Proxy]:
    """Return the line to the server of the database."""
    url = sa.make_url(database)
    with Proxy(url.port or PORTS[url.get_backend_name()]) as line:
        yield line


@pytest.fixture
def query() -> dict[str, str]:
    """Return what the site's URL says beyond the database; override it."""
    return {}


@pytest.fixture
def patience() -> float:
    """Return how many seconds a request waits for a lock, or for a place in the pool."""
    return 1


@pytest.fixture
def url(database: str, line: Proxy, query: dict[str, str]) -> str:
    """Return the URL of the database at the other end of the line."""
    url = sa.make_url(database).set(host=HOST, port=line.port).update_query_dict(query)
    return url.render_as_string(hide_password=False)


@pytest.fixture
def site(url: str, line: Proxy, patience: float, tmp_path: Path) -> Iterator[Site]:
    """Serve pages over the database at the other end of the line."""
    with opened(make_engine(url, busy_timeout=patience), tmp_path) as site:
        with site.engine.begin() as connection:
            connection.execute(throttle.delete())
        yield site
        line.heal()
