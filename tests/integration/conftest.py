"""Migrated databases, one of each kind for all tests that need one."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.sql import schema
from offbrand.adapters.sql.engine import make_engine
from tests.integration.sql.databases import KINDS, server_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
