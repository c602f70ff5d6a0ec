"""Redis for a test: a prefix on the machine's server, or a server of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.redis_throttle import RedisThrottle
from tests.integration.redis.servers import OwnServer, Shared, shared_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shared() -> Iterator[Shared]:
    with shared_server() as shared:
        yield shared


@pytest.fixture
def throttle(shared: Shared) -> RedisThrottle:
    return RedisThrottle(shared.url, shared.prefix)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnServer]:
    server = OwnServer(tmp_path)
    server.start()
    yield server
    server.kill()
