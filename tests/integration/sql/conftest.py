"""Engines over migrated databases without rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from tests.integration.sql.databases import PATIENCE, empty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Return a patient engine over a migrated database without rows, of each kind in turn."""
    engine = make_engine(url, busy_timeout=PATIENCE)
    if engine.dialect.name != "sqlite":
        empty(engine)
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
