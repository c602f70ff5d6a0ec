"""A newer database: an older release was installed again, over tables that a later one has upgraded."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.terminal import Terminal, refusal, told

if TYPE_CHECKING:
    from pathlib import Path

LATER = "UPDATE offbrand_alembic_version SET version_num = '0099'"


@pytest.fixture
def newer(tmp_path: Path) -> Terminal:
    """A terminal over a database of a later version, where `offbrand demo` has its own."""
    here = Terminal.at(tmp_path).but(OFFBRAND_DATABASE_URL=f"sqlite:///{tmp_path}/offbrand-demo.db")
    here.do("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "offbrand-demo.db", isolation_level=None)) as database:
        database.execute(LATER)
        database.execute("ALTER TABLE offbrand_accounts RENAME COLUMN username TO name")
    return here


@pytest.mark.parametrize("command", ["db upgrade", "serve --port 0", "demo --port 0", "accounts list"])
def test_a_database_of_a_later_version_is_told(command: str, newer: Terminal) -> None:
    """And nobody is sent to an upgrade that could do nothing."""
    ended = newer.program(*command.split())
    assert refusal(ended) == (78, "newer_tables")
    assert ended.stderr.startswith("The database is newer than this version of offbrand. Install the version")
    assert "db upgrade" not in ended.stderr
    assert told(newer, "db", "current")["current"] == "0099"
