"""Engines over migrated databases without rows."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.sql import schema
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.tables import metadata
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from tests.integration.sql.databases import KINDS, server_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@contextmanager
def migrated(url: str) -> Iterator[str]:
    """Migrate the database at *url*, and close every connection to it."""
    engine = make_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Migrate one file, for all tests to copy."""
    path = tmp_path_factory.mktemp("template") / "offbrand.db"
    with migrated(f"sqlite:///{path}"):
        yield path


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Migrate one database, for all tests to empty."""
    with server_database("postgresql") as url, migrated(url):
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """Migrate one database, for all tests to empty."""
    with server_database("mariadb") as url, migrated(url):
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Copy the template."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}"


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a migrated database without rows, of each kind in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Return an engine over a migrated database without rows, of each kind in turn."""
    engine = make_engine(url)
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
    yield engine
    engine.dispose()


@pytest.fixture
def unit_of_work(engine: Engine) -> SqlUnitOfWork:
    """Return a unit of work over a database of each kind in turn."""
    return SqlUnitOfWork(engine)


@pytest.fixture
def impatient(engine: Engine) -> Iterator[Engine]:
    """Return another engine over the same database, which waits for nobody, or not for long."""
    other = make_engine(engine.url.render_as_string(hide_password=False), busy_timeout=0.05)
    yield other
    other.dispose()


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    """Return an engine over a migrated SQLite file without rows."""
    engine = make_engine(sqlite_url)
    yield engine
    engine.dispose()
