"""Schema: brings a database to the tables that this version of offbrand reads and writes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from offbrand.adapters.sql.blocks import reading, writing
from offbrand.adapters.sql.trouble import RETRY_AFTER
from offbrand.domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

# Its own, so that a host that migrates the same database with Alembic is left alone.
VERSION_TABLE = "offbrand_alembic_version"
_LOCK = 0x0FFB0A2D


def upgrade(engine: Engine) -> None:
    """
    Bring the database to `head`; does nothing if it is there.

    Raises:
        Unavailable: If the database does not do its part, or another process is upgrading it.
        RuntimeError: If a later version of offbrand has upgraded it.
    """
    migrate(engine, head())


def migrate(engine: Engine, revision: str) -> None:
    """
    Bring the database to *revision*, up or down.

    Raises:
        Unavailable: As for `upgrade`.
    """
    with writing(engine) as connection, alone(connection):
        found = _revision(connection)
        if found is not None and not is_known(found):
            msg = f"The database is newer than this version of offbrand: it is at {found}."
            raise RuntimeError(msg)
        config = _config()
        config.attributes["connection"] = connection
        (command.downgrade if revision == "base" else command.upgrade)(config, revision)


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """
    Keep other upgrades out of the block; SQLite's own lock has done so already.

    Raises:
        Unavailable: If another process is upgrading.
    """
    match connection.dialect.name:
        case "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield
        case "mariadb":
            # A lock of the connection and not of the transaction, which MariaDB commits after each CREATE TABLE.
            name = f"CONCAT('{VERSION_TABLE} ', DATABASE())"
            if not connection.exec_driver_sql(f"SELECT GET_LOCK({name}, @@innodb_lock_wait_timeout)").scalar():
                raise Unavailable(RETRY_AFTER)
            try:
                yield
            finally:
                connection.exec_driver_sql(f"SELECT RELEASE_LOCK({name})")
        case _:
            yield


def current(engine: Engine) -> str | None:
    """Return the revision that the database is at, or None for one without tables of offbrand."""
    with reading(engine) as connection:
        return _revision(connection)


def head() -> str:
    """Return the revision that this version of offbrand needs."""
    [revision] = ScriptDirectory.from_config(_config()).get_heads()
    return revision


def is_known(revision: str) -> bool:
    """Return whether *revision* is one that this version of offbrand can begin from; those of later ones are not."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "offbrand.adapters.sql:migrations")
    config.set_main_option("path_separator", "os")
    return config
