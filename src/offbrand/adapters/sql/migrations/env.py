"""Environment: what Alembic runs; the connection, inside its transaction, comes from `offbrand.adapters.sql.schema`."""

from __future__ import annotations

from alembic import context

from offbrand.adapters.sql.schema import VERSION_TABLE
from offbrand.adapters.sql.tables import metadata

# No logging is configured here: that would mute the host's own.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
