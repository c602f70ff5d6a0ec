"""A host over a database that was prepared with the commands of docs/procrastinate.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.tables import metadata
from tests.integration.handover.host import APPLY, UPGRADE, WORKER, Host
from tests.integration.mail.smtp_server import Behaviour, serving
from tests.integration.sql.databases import PATIENCE, server_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Return a host with all tables, for all tests to empty."""
    folder = tmp_path_factory.mktemp("host")
    (folder / "worker.py").write_text(WORKER, encoding="utf-8")
    with server_database("postgresql") as url:
        engine = make_engine(url, busy_timeout=PATIENCE)
        host = Host(folder, url, engine)
        host.run(UPGRADE)
        host.run(APPLY)
        yield host
        engine.dispose()


@pytest.fixture
def behaviour() -> Behaviour:
    """Return how the mail server behaves; a test may say otherwise."""
    return Behaviour()


@pytest.fixture
def host(prepared: Host, behaviour: Behaviour, tmp_path: Path) -> Iterator[Host]:
    """Return a host whose tables are empty, and whose mail server answers."""
    with prepared.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(
            sa.text("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")
        )
    with serving(behaviour) as port:
        yield attrs.evolve(prepared, folder=tmp_path, smtp_port=port)
