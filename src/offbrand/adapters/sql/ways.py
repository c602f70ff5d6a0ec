"""Ways: where the URL of a database leads, and whether whoever answers there has to prove who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Engine

# Whatever its value is, PyMySQL takes the first as no TLS, and either of the others instead of `ssl_ca` and the name.
_UNDOING = {"ssl_disabled", "ssl_verify_cert", "ssl_verify_identity"}


def hosts(engine: Engine) -> Collection[str]:
    """
    Return the hosts that the driver of *engine* would turn to, with nothing for its own choice, but without sockets.

    Where a file that we do not read may name them, the name of the parameter stands for whatever is in it.
    """
    where = _arguments(engine)
    match engine.dialect.name:
        case "postgresql":
            where = _surroundings(engine) | where
            named = [str(where.get(name, "")) for name in ("host", "hostaddr")]
            named += ["service"] if "service" in where else []
            each = ",".join(named).split(",")
            return [host for host in each if not host.startswith(("/", "@"))]
        case "mariadb":
            if "unix_socket" in where:
                return []
            files = where.keys() & {"read_default_file", "read_default_group"}
            return [where["host"]] if "host" in where else files
        case _:
            return []


def is_proved(engine: Engine) -> bool:
    """Return whether the server has to prove that it is the host which the URL names."""
    where = _arguments(engine)
    if engine.dialect.name == "postgresql":
        return where.get("sslmode") == "verify-full"
    tls = where.get("ssl")
    is_known = isinstance(tls, dict) and bool(tls.keys() & {"ca", "capath"}) and tls.get("check_hostname", True)
    return is_known and not where.keys() & _UNDOING


def _arguments(engine: Engine) -> dict[str, Any]:
    """Return what the driver is told; it, and not the URL, knows which of two words counts."""
    return dict(engine.dialect.create_connect_args(engine.url)[1])


def _surroundings(engine: Engine) -> dict[str, Any]:
    """Return what PostgreSQL's library takes from the environment where it is told nothing."""
    driver: Any = engine.dialect.import_dbapi()
    return {option.keyword.decode(): option.val.decode() for option in driver.pq.Conninfo.get_defaults() if option.val}
