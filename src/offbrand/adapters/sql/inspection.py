"""Inspection: where a database is not what the laws build on, whatever its migrations once made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import sqlalchemy as sa

from offbrand.adapters.sql.blocks import reading
from offbrand.adapters.sql.column_types import UtcDateTime
from offbrand.adapters.sql.letters import may_be_leased
from offbrand.adapters.sql.tables import MARIADB, letters, metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Inspector, Table

_COLLATION = MARIADB["mariadb_collate"]
_RESTORE = "Somebody has changed it by hand; put it back, or restore a backup."
_HOST = "The engine was made without offbrand; give bootstrap a URL, or set it up alike."
_UNSAFE, _SLOW = True, False
_INTERLEAVED = 2


@attrs.frozen
class Deviation:
    """One thing that is not as it must be; *is_unsafe* where a law does not hold any more."""

    is_unsafe: bool
    sentence: str
    advice: str


def inspect(engine: Engine) -> Sequence[Deviation]:
    """
    Compare the database with the tables, and its state with what transactions need.

    Raises:
        Unavailable: If the database does not do its part.
    """
    with reading(engine) as connection:
        inspector = sa.inspect(connection)
        there = set(inspector.get_table_names())
        deviations = [
            Deviation(_UNSAFE, f"There is no table {name}.", _RESTORE) for name in sorted(set(metadata.tables) - there)
        ]
        for table in metadata.sorted_tables:
            if table.name in there:
                deviations += _table(inspector, table)
        return [*deviations, *_state(connection)]


def due_since(engine: Engine, at: datetime) -> datetime | None:
    """
    Return since when the oldest letter that is due has waited for somebody to lease it, or None.

    Raises:
        Unavailable: If the database does not do its part.
    """
    query = sa.select(sa.func.min(letters.c.due_at, type_=UtcDateTime)).where(may_be_leased(at))
    with reading(engine) as connection:
        return connection.execute(query).scalar_one()  # type: ignore[no-any-return] # what the type makes of it


def _table(inspector: Inspector, table: Table) -> Iterator[Deviation]:
    yield from _columns(inspector, table)
    indexes = inspector.get_indexes(table.name)
    kept = {_names(key["column_names"]) for key in inspector.get_unique_constraints(table.name)}
    # An index over some of the rows would let the others be equal.
    kept |= {_names(index["column_names"]) for index in indexes if index["unique"] and not _is_partial(index)}
    for unique in (each for each in table.constraints if isinstance(each, sa.UniqueConstraint)):
        if _names(unique.columns.keys()) not in kept:
            names = ", ".join(unique.columns.keys())
            yield Deviation(_UNSAFE, f"Nothing keeps {names} in {table.name} unique.", _RESTORE)
    refers = {
        _names(key["constrained_columns"]): key["referred_table"] for key in inspector.get_foreign_keys(table.name)
    }
    for foreign in table.foreign_key_constraints:
        target = foreign.referred_table.name
        if refers.get(_names(foreign.column_keys)) != target:
            yield Deviation(_UNSAFE, f"No foreign key leads from {table.name} to {target}.", _RESTORE)
    ordered = {tuple(index["column_names"]) for index in indexes}
    for index in table.indexes:
        if tuple(index.columns.keys()) not in ordered:
            yield Deviation(_SLOW, f"There is no index {index.name}, so that much becomes slow.", _RESTORE)


def _columns(inspector: Inspector, table: Table) -> Iterator[Deviation]:
    there = {column["name"]: column for column in inspector.get_columns(table.name)}
    for column in table.columns:
        if column.name not in there:
            yield Deviation(_UNSAFE, f"There is no column {column}.", _RESTORE)
        elif bool(there[column.name]["nullable"]) != bool(column.nullable):
            may = "must not" if column.nullable else "may"
            yield Deviation(_UNSAFE, f"The column {column} {may} be NULL.", _RESTORE)
    key = inspector.get_pk_constraint(table.name)["constrained_columns"]
    if _names(key) != _names(table.primary_key.columns.keys()):
        yield Deviation(_UNSAFE, f"{table.name} has another primary key, or none.", _RESTORE)


def _names(names: Iterable[str | None]) -> frozenset[str | None]:
    return frozenset(names)


def _is_partial(index: object) -> bool:
    options = index.get("dialect_options", {}) if isinstance(index, dict) else {}
    return any(name.endswith("_where") for name in options)


def _state(connection: Connection) -> Iterator[Deviation]:
    match connection.dialect.name:
        case "sqlite":
            yield from _sqlite(connection)
        case "postgresql":
            yield from _postgresql(connection)
        case _:
            yield from _mariadb(connection)


def _sqlite(connection: Connection) -> Iterator[Deviation]:
    def pragma(name: str) -> object:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    if not pragma("foreign_keys"):
        yield Deviation(_UNSAFE, "Foreign keys are not enforced.", _HOST)
    if pragma("journal_mode") not in ("wal", "memory"):
        yield Deviation(_SLOW, "Readers wait for writers: the file is not in WAL mode.", _HOST)
    if pragma("synchronous") not in (2, 3):
        yield _forgetful("synchronous is less than FULL")
    if rows := len(connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        yield Deviation(_UNSAFE, f"{rows} rows refer to what is not there.", _RESTORE)


def _postgresql(connection: Connection) -> Iterator[Deviation]:
    def setting(name: str) -> object:
        return connection.exec_driver_sql(f"SHOW {name}").scalar()

    yield from _isolation(setting("transaction_isolation"))
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if setting(name) == "off":
            yield _forgetful(f"{name} is off")
    invalid = (
        "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid AND indrelid::regclass::text = ANY(%s)"
    )
    for name in connection.exec_driver_sql(invalid, (list(metadata.tables),)).scalars():
        yield Deviation(_UNSAFE, f"The index {name} is invalid.", f"Run: REINDEX INDEX {name}")


def _mariadb(connection: Connection) -> Iterator[Deviation]:
    def variable(name: str) -> object:
        return connection.exec_driver_sql(f"SELECT @@{name}").scalar()

    yield from _isolation(variable("tx_isolation"))
    if "STRICT_ALL_TABLES" not in str(variable("sql_mode")):
        yield Deviation(_UNSAFE, "The server shortens what does not fit.", _HOST)
    if variable("innodb_flush_log_at_trx_commit") != 1:
        yield _forgetful("innodb_flush_log_at_trx_commit is not 1")
    if variable("innodb_autoinc_lock_mode") == _INTERLEAVED:
        sentence = "Readers of events may miss some: the server gives out positions out of turn."
        yield Deviation(_SLOW, sentence, "Start the server with innodb_autoinc_lock_mode=1.")
    if not variable("foreign_key_checks") or not variable("unique_checks"):
        yield Deviation(_UNSAFE, "Unique and foreign keys are not enforced.", _HOST)
    names = {"names": list(metadata.tables)}
    engines = sa.text(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name IN :names AND engine <> 'InnoDB'"
    ).bindparams(sa.bindparam("names", expanding=True))
    for name in connection.execute(engines, names).scalars():
        yield Deviation(_UNSAFE, f"{name} knows no transactions.", f"Run: ALTER TABLE {name} ENGINE=InnoDB")
    collations = sa.text(
        "SELECT table_name, column_name, collation_name FROM information_schema.columns WHERE table_schema = DATABASE()"
        " AND table_name IN :names AND collation_name <> :collation"
    ).bindparams(sa.bindparam("names", expanding=True))
    for table, column, collation in connection.execute(collations, {**names, "collation": _COLLATION}):
        yield Deviation(
            _UNSAFE,
            f"{table}.{column} compares by {collation} and not by {_COLLATION}, so that names are equal that are not.",
            _RESTORE,
        )


def _isolation(level: object) -> Iterator[Deviation]:
    found = str(level).lower().replace("-", " ")
    if found != "read committed":
        yield Deviation(_UNSAFE, f"Transactions are isolated as {found}, not as read committed.", _HOST)


def _forgetful(setting: str) -> Deviation:
    # Law L2: what was used or replaced stays so.
    advice = "A loss of power could bring back a used link or a replaced password."
    return Deviation(_SLOW, f"What was committed may be forgotten: {setting}.", advice)
