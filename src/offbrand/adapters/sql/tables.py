"""Tables: what is stored, in columns; every table, constraint and index has a name that begins with ``offbrand_``."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from offbrand.adapters.sql.column_types import ID, POSITION, Names, UtcDateTime

NAMES = {
    "pk": "%(table_name)s_pk",
    "uq": "%(table_name)s_%(column_0_N_name)s_uq",
    "fk": "%(table_name)s_%(column_0_N_name)s_fk",
    "ix": "%(table_name)s_%(column_0_N_name)s_ix",
}
# Keys are folded before they are stored, so the database must compare them byte by byte, trailing blanks included.
MARIADB: dict[str, Any] = {
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_nopad_bin",
}
_ADDRESS = sa.String(254)
_USERNAME = sa.String(255)  # folding lengthens some letters
_DIGEST = sa.String(64)
_WORD = sa.String(64)
_CLIENT = sa.String(200)

metadata = sa.MetaData(naming_convention=NAMES)

# `claimed_email` and `claimed_username` are the keys of a confirmed account and NULL before that (law L1): the unique
# constraints on them, and nothing else, decide who holds a name.
accounts = sa.Table(
    "offbrand_accounts",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("email", _ADDRESS, nullable=False),
    sa.Column("email_key", _ADDRESS, nullable=False, index=True),
    sa.Column("username", _USERNAME, nullable=False),
    sa.Column("claimed_email", _ADDRESS, unique=True),
    sa.Column("claimed_username", _USERNAME, unique=True),
    sa.Column("password_hash", sa.Text),
    sa.Column("roles", Names, nullable=False),
    sa.Column("avatar_id", ID, nullable=False),
    sa.Column("undo_email", _ADDRESS),
    sa.Column("undo_until", UtcDateTime),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("registered_at", UtcDateTime, nullable=False),
    sa.Column("confirmed_at", UtcDateTime),
    sa.Column("disabled_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("last_seen_at", UtcDateTime),
    sa.Column("purge_at", UtcDateTime, index=True),
    **MARIADB,
)

# `over_at` is the earlier of the absolute and the idle limit, so that what is over is found by one index.
sessions = sa.Table(
    "offbrand_sessions",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("token_digest", _DIGEST, nullable=False, unique=True),
    sa.Column("account_id", ID, sa.ForeignKey(accounts.c.id), nullable=False, index=True),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("proved_at", UtcDateTime),
    sa.Column("idle_seconds", sa.Integer, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("over_at", UtcDateTime, nullable=False, index=True),
    sa.Column("network", _CLIENT),
    sa.Column("user_agent", _CLIENT),
    sa.Column("remembered", sa.Boolean, nullable=False),
    **MARIADB,
)

devices = sa.Table(
    "offbrand_devices",
    metadata,
    sa.Column("account_id", ID, sa.ForeignKey(accounts.c.id), primary_key=True),
    sa.Column("device_digest", _DIGEST, primary_key=True),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    **MARIADB,
)

# Events outlive their accounts, so nothing refers from here to there.
events = sa.Table(
    "offbrand_events",
    metadata,
    sa.Column("position", POSITION, primary_key=True, autoincrement=True),
    sa.Column("id", ID, nullable=False, unique=True),
    sa.Column("kind", _WORD, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("account_id", ID),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("network", _CLIENT),
    sa.Column("user_agent", _CLIENT),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("identifier_digest", _DIGEST),
    sa.Index(None, "account_id", "position"),
    # Without this, SQLite would give a deleted last position out again.
    sqlite_autoincrement=True,
    **MARIADB,
)

letters = sa.Table(
    "offbrand_letters",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("kind", _WORD, nullable=False),
    sa.Column("event_id", ID, nullable=False),
    sa.Column("account_id", ID, index=True),
    sa.Column("recipient", _ADDRESS),
    sa.Column("written_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("claim_email", _ADDRESS),
    sa.Column("generation", sa.Integer),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("network", _CLIENT),
    sa.Column("user_agent", _CLIENT),
    sa.Column("state", _WORD, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("leased_until", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("last_error", sa.Text),
    sa.Index(None, "state", "due_at"),
    **MARIADB,
)

throttle = sa.Table(
    "offbrand_throttle",
    metadata,
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("ends_at", UtcDateTime, index=True),
    **MARIADB,
)
