"""The first tables: accounts, sessions, devices, events, letters, throttle."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Spelled out here once more: a migration stays what it was when the tables move on.
ID = sa.Uuid(native_uuid=False).with_variant(sa.Uuid(), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mariadb")
ADDRESS = sa.String(254)
USERNAME = sa.String(255)
DIGEST = sa.String(64)
WORD = sa.String(64)
CLIENT = sa.String(200)
MARIADB: dict[str, Any] = {
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_nopad_bin",
}


def upgrade() -> None:
    """Create the tables."""
    _create_accounts()
    _create_sessions()
    _create_devices()
    _create_events()
    _create_letters()
    _create_throttle()


def downgrade() -> None:
    """Drop the tables."""
    for name in ("throttle", "letters", "events", "devices", "sessions", "accounts"):
        op.drop_table(f"offbrand_{name}")


def _create_accounts() -> None:
    op.create_table(
        "offbrand_accounts",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", ADDRESS, nullable=False),
        sa.Column("email_key", ADDRESS, nullable=False),
        sa.Column("username", USERNAME, nullable=False),
        sa.Column("claimed_email", ADDRESS),
        sa.Column("claimed_username", USERNAME),
        sa.Column("password_hash", sa.Text),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("avatar_id", ID, nullable=False),
        sa.Column("undo_email", ADDRESS),
        sa.Column("undo_until", MOMENT),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("disabled_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("last_seen_at", MOMENT),
        sa.Column("purge_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("offbrand_accounts_pk")),
        sa.UniqueConstraint("claimed_email", name=op.f("offbrand_accounts_claimed_email_uq")),
        sa.UniqueConstraint("claimed_username", name=op.f("offbrand_accounts_claimed_username_uq")),
        **MARIADB,
    )
    op.create_index(op.f("offbrand_accounts_email_key_ix"), "offbrand_accounts", ["email_key"])
    op.create_index(op.f("offbrand_accounts_purge_at_ix"), "offbrand_accounts", ["purge_at"])


def _create_sessions() -> None:
    op.create_table(
        "offbrand_sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_digest", DIGEST, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("proved_at", MOMENT),
        sa.Column("idle_seconds", sa.Integer, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("over_at", MOMENT, nullable=False),
        sa.Column("network", CLIENT),
        sa.Column("user_agent", CLIENT),
        sa.Column("remembered", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("offbrand_sessions_pk")),
        sa.UniqueConstraint("token_digest", name=op.f("offbrand_sessions_token_digest_uq")),
        sa.ForeignKeyConstraint(["account_id"], ["offbrand_accounts.id"], name=op.f("offbrand_sessions_account_id_fk")),
        **MARIADB,
    )
    op.create_index(op.f("offbrand_sessions_account_id_ix"), "offbrand_sessions", ["account_id"])
    op.create_index(op.f("offbrand_sessions_over_at_ix"), "offbrand_sessions", ["over_at"])


def _create_devices() -> None:
    op.create_table(
        "offbrand_devices",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("device_digest", DIGEST, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "device_digest", name=op.f("offbrand_devices_pk")),
        sa.ForeignKeyConstraint(["account_id"], ["offbrand_accounts.id"], name=op.f("offbrand_devices_account_id_fk")),
        **MARIADB,
    )


def _create_events() -> None:
    op.create_table(
        "offbrand_events",
        sa.Column("position", POSITION, autoincrement=True, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account_id", ID),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("network", CLIENT),
        sa.Column("user_agent", CLIENT),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("identifier_digest", DIGEST),
        sa.PrimaryKeyConstraint("position", name=op.f("offbrand_events_pk")),
        sa.UniqueConstraint("id", name=op.f("offbrand_events_id_uq")),
        sqlite_autoincrement=True,
        **MARIADB,
    )
    op.create_index(op.f("offbrand_events_at_ix"), "offbrand_events", ["at"])
    op.create_index(op.f("offbrand_events_account_id_position_ix"), "offbrand_events", ["account_id", "position"])


def _create_letters() -> None:
    op.create_table(
        "offbrand_letters",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("account_id", ID),
        sa.Column("recipient", ADDRESS),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claim_email", ADDRESS),
        sa.Column("generation", sa.Integer),
        sa.Column("expires_at", MOMENT),
        sa.Column("network", CLIENT),
        sa.Column("user_agent", CLIENT),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_until", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("last_error", sa.Text),
        sa.PrimaryKeyConstraint("id", name=op.f("offbrand_letters_pk")),
        **MARIADB,
    )
    op.create_index(op.f("offbrand_letters_account_id_ix"), "offbrand_letters", ["account_id"])
    op.create_index(op.f("offbrand_letters_state_due_at_ix"), "offbrand_letters", ["state", "due_at"])


def _create_throttle() -> None:
    op.create_table(
        "offbrand_throttle",
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("ends_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name=op.f("offbrand_throttle_pk")),
        **MARIADB,
    )
    op.create_index(op.f("offbrand_throttle_ends_at_ix"), "offbrand_throttle", ["ends_at"])
