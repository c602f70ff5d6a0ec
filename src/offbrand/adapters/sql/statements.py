"""Statements: the two that no database lets one say quite like another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects import mysql, postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Column, ColumnElement, Insert, Select, Table


def upsert(dialect: str, table: Table, row: Mapping[str, Any], changes: Mapping[str, Any]) -> Insert:
    """
    Return a statement that inserts *row*, or makes *changes* to the one that has its primary key.

    MariaDB lets a change see those before it, so what a change depends on must come after it.
    """
    if dialect == "mariadb":
        return mysql.insert(table).values(row).on_duplicate_key_update(list(changes.items()))
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    key = [column.name for column in table.primary_key]
    return insert(table).values(row).on_conflict_do_update(index_elements=key, set_=changes)


def beyond(kept: int, column: Column[Any], owned: ColumnElement[bool], *order: ColumnElement[Any]) -> Select[Any]:
    """Return the query for *column* of the rows that are *owned*, in *order*, beyond the first ones that are *kept*."""
    # One level deeper than it reads: MariaDB takes no limit right inside of IN.
    rest = select(column).where(owned).order_by(*order).offset(kept).subquery("beyond")
    return select(rest.c[column.name])
