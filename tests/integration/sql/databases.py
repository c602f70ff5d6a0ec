"""Databases of a test's own: SQLite always, servers where they answer."""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql import schema
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.tables import metadata
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVERS = {
    "postgresql": ("POSTGRES", "postgresql+psycopg://postgres@127.0.0.1/postgres"),
    "mariadb": ("MARIADB", "mariadb+pymysql://root@127.0.0.1/mysql"),
}
KINDS = ["sqlite", *SERVERS]
# Seconds to wait for a lock or a place in the pool, where a test is not about that: for a machine that is busy or whose
# disk is slow, and less than a driver or server gives a statement; never waited for when all is well.
PATIENCE = 25


@contextmanager
def server_database(kind: str) -> Iterator[str]:
    """Create an empty database with a random name, give its URL, and drop it; skip where no server answers."""
    name = f"offbrand_test_{secrets.token_hex(6)}"
    admin = _admin(kind)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        if kind == "postgresql":
            # No test cuts the power, and waiting for the disk is most of what they would do.
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit TO off")
    try:
        yield admin.url.set(database=name).render_as_string(hide_password=False)
    finally:
        # By force, so that a test that failed with a connection open does not fail once more here.
        force = " WITH (FORCE)" if kind == "postgresql" else ""
        until(lambda: _is_done(admin, f"DROP DATABASE {name}{force}"))
        admin.dispose()


def empty(engine: sa.Engine) -> None:
    """Delete every row."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@contextmanager
def migrated_engine(kind: str, folder: Path) -> Iterator[sa.Engine]:
    """Lend an engine over an empty database with all tables: SQLite's in *folder*, or one of a server's."""
    with ExitStack() as stack:
        is_file = kind == "sqlite"
        url = f"sqlite:///{folder}/offbrand.db" if is_file else stack.enter_context(server_database(kind))
        engine = make_engine(url, busy_timeout=PATIENCE)
        stack.callback(engine.dispose)
        schema.upgrade(engine)
        yield engine


def _is_done(admin: sa.Engine, statement: str) -> bool:
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(statement)
    except sa.exc.OperationalError:
        # PostgreSQL waits five seconds, and no longer, for those whom it has told to go.
        return False
    return True


def _admin(kind: str) -> sa.Engine:
    word, default = SERVERS[kind]
    url = os.environ.get(f"OFFBRAND_TEST_{word}_URL")
    admin = sa.create_engine(url or default, isolation_level="AUTOCOMMIT")
    try:
        admin.connect().close()
    except (sa.exc.OperationalError, ImportError) as error:
        required = url or word.lower() in os.environ.get("OFFBRAND_REQUIRE", "").split(",")
        (pytest.fail if required else pytest.skip)(f"no {kind} server answers: {type(error).__name__}")
    return admin
