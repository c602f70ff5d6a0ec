"""Lock waits: how many transactions of a server's database wait for somebody's lock right now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

_POSTGRESQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
# Its table of transactions is no help: it shows what it has shown before for as long as anybody, in any database, asks
# more often than every 100 ms.
_MARIADB = "SHOW ENGINE INNODB STATUS"
_MARIADB_THREADS = "SELECT id FROM information_schema.processlist WHERE db = DATABASE()"
_WAITS = re.compile(r"^LOCK WAIT .*\n(?:MariaDB|MySQL) thread id (\d+),", re.MULTILINE)


def lock_waits(connection: sa.Connection) -> int:
    """Count them, of the database that *connection* is to; PostgreSQL tells no news within one transaction."""
    if connection.dialect.name == "postgresql":
        return int(connection.exec_driver_sql(_POSTGRESQL).scalar_one())
    threads = set(connection.exec_driver_sql(_MARIADB_THREADS).scalars())
    (_, _, report) = connection.exec_driver_sql(_MARIADB).one()
    return sum(int(thread) in threads for thread in _WAITS.findall(report))
