"""Migrations: they make what the tables say, up and down, and touch nothing of a host's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from offbrand.adapters.sql import schema
from offbrand.adapters.sql.blocks import writing
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.tables import metadata
from offbrand.domain.errors import Unavailable
from tests.integration.sql.databases import KINDS, PATIENCE, server_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

TABLES = {*metadata.tables, schema.VERSION_TABLE}


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Return an engine over a database without tables, of each kind in turn."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path}/empty.db", busy_timeout=PATIENCE)
        yield engine
        engine.dispose()
        return
    with server_database(request.param) as url:
        engine = make_engine(url, busy_timeout=PATIENCE)
        yield engine
        engine.dispose()


def test_an_empty_database_is_brought_to_the_head_and_back_and_there_again(empty: Engine) -> None:
    assert schema.current(empty) is None
    schema.upgrade(empty)
    schema.upgrade(empty)
    assert schema.head() == schema.current(empty)
    assert set(sa.inspect(empty).get_table_names()) == TABLES
    schema.migrate(empty, "base")
    assert schema.current(empty) is None
    assert sa.inspect(empty).get_table_names() == [schema.VERSION_TABLE]
    schema.upgrade(empty)
    assert schema.head() == schema.current(empty)


def test_a_new_database_has_no_account(empty: Engine) -> None:
    """ASVS 6.3.2: nobody is there by default, and nothing else either."""
    schema.upgrade(empty)
    with empty.connect() as connection:
        rows = {name: connection.execute(sa.select(table)).all() for name, table in metadata.tables.items()}
    assert {name: found for name, found in rows.items() if found} == {}


def test_d57_the_migrated_schema_is_what_the_tables_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_every_name_begins_with_offbrand(engine: Engine) -> None:
    """So that the tables may live in a host's own database."""
    inspector = sa.inspect(engine)
    tables = inspector.get_table_names()
    names: set[str | None] = set(tables)
    for table in tables:
        names |= {index["name"] for index in inspector.get_indexes(table)}
        names |= {constraint["name"] for constraint in inspector.get_unique_constraints(table)}
        names |= {key["name"] for key in inspector.get_foreign_keys(table)}
        names.add(inspector.get_pk_constraint(table)["name"])
    # MariaDB calls every primary key by one name, SQLite does not keep the one that Alembic gives to its own.
    assert [name for name in names if name not in {None, "PRIMARY"} and not str(name).startswith("offbrand_")] == []


@pytest.mark.parametrize("url", ["mariadb"], indirect=True)
def test_times_keep_their_microseconds_and_keys_their_bytes_on_mariadb(engine: Engine) -> None:
    """Alembic compares neither, so that a migration could lose them without a sound."""
    columns = sa.text(
        "SELECT table_name, column_name, datetime_precision, collation_name FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name <> :versions"
    )
    with engine.connect() as connection:
        rows = connection.execute(columns, {"versions": schema.VERSION_TABLE}).all()
    assert len(rows) == sum(len(table.columns) for table in metadata.tables.values())
    assert {None, 6} == {precision for _, _, precision, _ in rows}
    assert {None, "utf8mb4_nopad_bin"} == {collation for _, _, _, collation in rows}


def test_a_hosts_own_tables_and_versions_are_left_alone(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE accounts (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('hosts')")
    schema.upgrade(empty)
    schema.migrate(empty, "base")
    with empty.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "hosts"
    assert {"accounts", "alembic_version", schema.VERSION_TABLE} == set(sa.inspect(empty).get_table_names())


def test_several_processes_may_upgrade_at_once(empty: Engine) -> None:
    url = empty.url.render_as_string(hide_password=False)
    engines = [make_engine(url, busy_timeout=PATIENCE) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(schema.upgrade, engines))
    assert schema.head() == schema.current(empty)
    for engine in engines:
        engine.dispose()


def test_an_upgrade_that_waits_too_long_is_a_refusal(engine: Engine, impatient: Engine) -> None:
    """Somebody else is upgrading; the process may be started again."""
    with writing(engine) as connection, schema.alone(connection), pytest.raises(Unavailable):
        schema.upgrade(impatient)
    schema.upgrade(impatient)


def test_a_database_of_a_later_version_is_left_alone(empty: Engine) -> None:
    """As after a rollback to an older release."""
    schema.upgrade(empty)
    with empty.begin() as connection:
        connection.exec_driver_sql("UPDATE offbrand_alembic_version SET version_num = '0099'")
    with pytest.raises(RuntimeError, match="newer than this version of offbrand: it is at 0099"):
        schema.upgrade(empty)
    assert schema.current(empty) == "0099"
    assert (schema.is_known(schema.head()), schema.is_known("0099")) == (True, False)


@pytest.mark.parametrize("empty", ["sqlite", "postgresql"], indirect=True)
def test_an_upgrade_that_fails_leaves_nothing_behind(empty: Engine) -> None:
    """MariaDB cannot do that: it commits after each CREATE TABLE. The last table stands in the way here."""
    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE offbrand_throttle (id INTEGER)")
    with pytest.raises(RuntimeError):
        schema.upgrade(empty)
    assert sa.inspect(empty).get_table_names() == ["offbrand_throttle"]


def test_an_older_database_is_not_taken_for_an_upgraded_one(empty: Engine) -> None:
    """Whoever asks before anything is there learns that, and creates nothing by asking."""
    assert schema.current(empty) != schema.head()
    assert sa.inspect(empty).get_table_names() == []
