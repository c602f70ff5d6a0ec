"""Terms: what the URL of a database says about pool and patience, which the driver never sees, and all else it says."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import URL, Dialect

# Waiting is in seconds. A lock is given up before a statement is, as that may end the connection.
_RANGES = {
    "pool_size": (1, 1000),
    "max_overflow": (0, 1000),
    "pool_timeout": (1, 600),
    "lock_timeout": (1, 25),
}
_SQLITE = {"timeout", "check_same_thread", "cached_statements", "isolation_level", "detect_types", "uri"}
# What SQLAlchemy puts into one parameter of PyMySQL.
_TLS = {"ssl_capath", "ssl_cipher", "ssl_check_hostname"}


def separated(url: URL) -> tuple[URL, Mapping[str, int]]:
    """
    Return *url* without its terms, and these.

    Raises:
        ValueError: If one of them is no number that makes sense.
    """
    terms = {name: _number(name, url.query[name], *_RANGES[name]) for name in _RANGES if name in url.query}
    return url.difference_update_query(terms), terms


def _number(name: str, raw: str | tuple[str, ...], low: int, high: int) -> int:
    if not isinstance(raw, str) or not re.fullmatch("[0-9]{1,4}", raw) or not low <= int(raw) <= high:
        msg = f"{name} must be one whole number from {low} to {high}"
        raise ValueError(msg)
    return int(raw)


def check_parameters(url: URL) -> None:
    """
    Check that the driver knows every parameter of *url* by name, as it would not look before it connects.

    Raises:
        ValueError: If it does not.
        ImportError: If there is no driver to ask.
    """
    known = _known(url.get_dialect())
    for name in url.query:
        # SQLite itself reads the rest of a URI, and leaves alone what it does not know.
        if name not in known and "uri" not in url.query:
            msg = f"{name} is no parameter of a database's URL"
            raise ValueError(msg)


def _known(dialect: type[Dialect]) -> Collection[str]:
    driver: Any = dialect.import_dbapi()
    match dialect.name:
        case "postgresql":
            return {option.keyword.decode() for option in driver.pq.Conninfo.get_defaults()}
        case "mariadb":
            return {*inspect.signature(driver.connections.Connection).parameters, *_TLS}
        case _:
            return _SQLITE
