"""SQL: the unit of work, the repositories and the throttle over SQLite, PostgreSQL or MariaDB."""
