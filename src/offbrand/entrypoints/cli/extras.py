"""Extras: which extra of the distribution brings a module that is missing."""

from __future__ import annotations

EXTRAS = {
    "alembic": "sqlalchemy",
    "argon2": "argon2",
    "click": "cli",
    "email_validator": "cli",
    "flask": "web",
    "flask_bootstrap": "web",
    "flask_wtf": "web",
    "itsdangerous": "tokens",
    "jinja2": "mail",
    "psycopg": "postgres",
    "pymysql": "mariadb",
    "redis": "redis",
    "sqlalchemy": "sqlalchemy",
    "waitress": "serve",
    "wtforms": "web",
    "zxcvbn": "argon2",
}


def extra_for(error: ModuleNotFoundError) -> str | None:
    """Return the sentence that tells what to install, or None if no extra would help."""
    module = (error.name or "").partition(".")[0]
    if module not in EXTRAS:
        return None
    return f'{module} is not installed; run: pip install "offbrand[{EXTRAS[module]}]"'
