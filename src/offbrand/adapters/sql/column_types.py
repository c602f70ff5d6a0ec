"""Column types: what a column holds on each database so that it compares and sorts as in Python."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class UtcDateTime(sa.TypeDecorator[datetime]):
    """
    An aware datetime in UTC, to the microsecond; naive ones are refused.

    PostgreSQL knows about time zones. The others store the UTC time without one: SQLite as text of a fixed width,
    which sorts like the time it says.
    """

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[datetime]:
        """Choose the column's type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        if dialect.name == "mariadb":
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """
        Translate for the database.

        Raises:
            ValueError: If *value* is naive.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a datetime without a time zone cannot be stored"
            raise ValueError(msg)
        in_utc = value.astimezone(UTC)
        return in_utc if dialect.name == "postgresql" else in_utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Translate from the database."""
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == "postgresql" else value.replace(tzinfo=UTC)


class Names(sa.TypeDecorator[frozenset[str]]):
    """A set of names, as a sorted JSON list: equal sets are equal text, and a name may hold any character."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same on all
        """Translate for the database."""
        return None if value is None else json.dumps(sorted(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str] | None:  # noqa: ARG002 - the same on all
        """Translate from the database."""
        return None if value is None else frozenset(json.loads(value))


# MariaDB's own UUID type sorts some versions by their last bytes first; as text, ids sort like in Python.
ID = sa.Uuid(native_uuid=False).with_variant(sa.Uuid(), "postgresql")
# SQLite numbers rows only in a column that is declared as INTEGER.
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
