"""A deployment with OFFBRAND_THROTTLE_URL: what is counted where, as `bootstrap` composes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.tables import throttle
from offbrand.bootstrap import bootstrap, upgrade
from offbrand.domain.errors import InvalidCredentials
from offbrand.domain.values import Client, EmailAddress, Password, Username
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.redis.servers import OwnServer

ADDRESS = EmailAddress("ada@example.org")
NETWORK = "192.0.2.77"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/offbrand.db")
    yield engine
    engine.dispose()


def test_l8_accounts_are_counted_in_the_database_and_all_else_in_redis(
    server: OwnServer, tmp_path: Path, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """L9: no key shows what was typed. Without Redis the database counts it all, and the log says so once."""
    settings = Settings.from_env(
        {
            "OFFBRAND_ENV": "development",
            "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/offbrand.db",
            "OFFBRAND_THROTTLE_URL": server.url,
            "OFFBRAND_HASH_MEMORY_KIB": "8",
            "OFFBRAND_HASH_PASSES": "1",
            "OFFBRAND_HASH_LANES": "1",
        }
    )
    upgrade(settings)
    auth = bootstrap(settings, engine=engine)

    def stored() -> list[str]:
        with engine.connect() as connection:
            keys = connection.execute(sa.select(throttle.c.key)).scalars()
            return sorted(key.partition(":")[0] for key in keys)

    def guess() -> None:
        with pytest.raises(InvalidCredentials):
            auth.login.log_in(ADDRESS, Password("whatever it may be"), client=Client(network=NETWORK))

    guess()
    auth.registration.register(
        ADDRESS, Username("zoe"), Password("a b c d e f g h i j"), client=Client(network=NETWORK)
    )
    auth.password_reset.request(ADDRESS, client=Client(network=NETWORK))
    with server.client() as client:
        keys = sorted(key.decode() for key in client.scan_iter())
        assert all(client.ttl(key) > 0 for key in keys)
    kinds = [key.split(":")[:2] for key in keys]
    assert kinds == [["offbrand", kind] for kind in ("identifier", "mail", "network", "registration", "request")]
    assert ("zoe" in str(keys), "example" in str(keys)) == (False, False)
    assert stored() == ["account", "account-in-all"]
    server.kill()
    guess()
    guess()
    assert stored() == ["account", "account-in-all", "identifier", "network"]
    assert [record.name for record in caplog.records if "throttle" in record.name] == [
        "offbrand.adapters.fallback_throttle"
    ]
