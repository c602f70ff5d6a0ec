"""Databases of a test's own: SQLite always, servers where they answer."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVERS = {
    "postgresql": ("POSTGRES", "postgresql+psycopg://postgres@127.0.0.1/postgres"),
    "mariadb": ("MARIADB", "mariadb+pymysql://root@127.0.0.1/mysql"),
}
KINDS = ["sqlite", *SERVERS]


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
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}{force}")
        admin.dispose()


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
