"""Redis with SQL behind it, as a deployment has them: one throttle, on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from offbrand.adapters.fallback_throttle import FallbackThrottle
from offbrand.adapters.redis_throttle import RedisThrottle
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.contracts.throttle import ThrottleContract
from tests.integration.redis.servers import shared_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


def of_an_account(key: str) -> bool:
    """Return whether a key of the contract stays in SQL; some of them must, and some must not."""
    return key.startswith("a")


class TestFallbackThrottle(ThrottleContract):
    forgets_by_itself: ClassVar[bool] = True

    @pytest.fixture
    def throttle(self, engine: Engine) -> Iterator[FallbackThrottle]:
        with shared_server() as shared:
            yield FallbackThrottle(RedisThrottle(shared.url, shared.prefix), SqlThrottle(engine), of_an_account)


class TestFallbackThrottleWithoutRedis(ThrottleContract):
    """Nobody listens there, so that SQL counts everything."""

    @pytest.fixture
    def throttle(self, engine: Engine) -> FallbackThrottle:
        return FallbackThrottle(RedisThrottle("unix:///nowhere/redis.sock"), SqlThrottle(engine), of_an_account)
