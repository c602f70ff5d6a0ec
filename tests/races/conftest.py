"""What races share: one crew, one database of each kind, and the counts that are printed in the end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.adapters.sql.tables import metadata
from offbrand.bootstrap import bootstrap, mailbox
from offbrand.settings import Settings
from tests.integration.sql.databases import KINDS, PATIENCE, migrated_engine
from tests.races.crew import Crew, hired
from tests.races.ground import Ground
from tests.tallies import print_tallies, remembered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    print_tallies(terminalreporter, "races, and how their calls ended")


@pytest.fixture(scope="session")
def rounds() -> int:
    """
    Return how often a race of a few calls is repeated, as no single start decides how it ends.

    Logins race against four changes, so on each database that is a hundred rounds, or five hundred.
    """
    return 125 if os.environ.get("OFFBRAND_TEST_LONG") else 25


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    """Start the processes, once for all races."""
    with hired() as crew:
        yield crew


@pytest.fixture(scope="session", params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Migrate one database of each kind in turn, for all races to empty."""
    with migrated_engine(request.param, tmp_path_factory.mktemp("races")) as engine:
        yield engine


@pytest.fixture
def ground(request: pytest.FixtureRequest, engine: Engine, crew: Crew, tmp_path: Path) -> Iterator[Ground]:
    """Empty the database."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    url = engine.url
    if engine.dialect.name != "sqlite":
        # Whoever has to wait for a machine that is busy has not lost a race.
        url = url.update_query_dict({"lock_timeout": "25", "pool_timeout": str(PATIENCE)})
    environ = {
        "OFFBRAND_ENV": "development",
        "OFFBRAND_DATABASE_URL": url.render_as_string(hide_password=False),
        "OFFBRAND_SECRET_KEYS": "0123456789abcdef0123456789abcdef",
        "OFFBRAND_HASH_SLOTS": "20",
        "OFFBRAND_HASH_MEMORY_KIB": "8",
        "OFFBRAND_HASH_PASSES": "1",
        "OFFBRAND_HASH_LANES": "1",
    }
    settings = attrs.evolve(Settings.from_env(environ), mailbox=tmp_path)
    post = mailbox(settings)
    assert post is not None
    with remembered(request.node) as tallies:
        yield Ground(
            kind=engine.dialect.name,
            environ=environ,
            engine=engine,
            auth=bootstrap(settings, engine=engine),
            mailbox=post,
            crew=crew,
            tallies=tallies,
        )
