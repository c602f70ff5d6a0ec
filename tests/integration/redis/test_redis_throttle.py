"""The throttle in Redis: it counts as the one in memory does, and what it holds does not stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from offbrand.adapters.redis_throttle import RedisThrottle
from offbrand.contracts.samples import AT
from offbrand.contracts.throttle import ThrottleContract
from offbrand.domain.errors import Unavailable
from offbrand.domain.policy import Allowance
from tests.throttle_steps import HOUR, STEPS, counts_as_in_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.integration.redis.servers import OwnServer, Shared


class TestRedisThrottle(ThrottleContract):
    forgets_by_itself: ClassVar[bool] = True

    @pytest.fixture
    def throttle(self, shared: Shared) -> RedisThrottle:
        return RedisThrottle(shared.url, shared.prefix)


@given(steps=st.lists(STEPS, max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_counts_as_in_memory(throttle: RedisThrottle, steps: Sequence[tuple[str, object]]) -> None:
    """Whatever is counted, forgotten and waited for: the moments that it is given decide, not the server's clock."""
    counts_as_in_memory(throttle, steps, sweeps=False)


def test_prv_nothing_with_a_window_stays_longer_than_a_minute_after_it(shared: Shared, throttle: RedisThrottle) -> None:
    """Keys name networks, which is personal data; what has no window is not meant for Redis, but is kept."""
    for _ in range(3):
        throttle.count([Allowance("network:192.0.2.1", 1, HOUR), Allowance("other", 1, None)], AT)
    throttle.count([Allowance("other", 1, None)], AT)
    with Redis.from_url(shared.url) as client:
        assert 3600 < client.ttl(f"{shared.prefix}network:192.0.2.1") <= 3660
        assert client.ttl(f"{shared.prefix}other") == -1
        throttle.count([Allowance("network:192.0.2.1", 1, HOUR / 2)], AT + HOUR)
        assert 1800 < client.ttl(f"{shared.prefix}network:192.0.2.1") <= 1860


def test_flt_08_an_emptied_server_counts_from_nothing_and_loses_no_attempt_in_between(server: OwnServer) -> None:
    """Its scripts are gone as well."""
    throttle, allowance = RedisThrottle(server.url), Allowance("network:n", 2, HOUR)
    assert [throttle.count([allowance], AT) for _ in range(3)] == [None, None, ("network:n", HOUR)]
    with server.client() as client:
        client.flushall()
        client.script_flush()
    assert [throttle.count([allowance], AT) for _ in range(3)] == [None, None, ("network:n", HOUR)]


def test_a_server_may_want_a_password_and_no_refusal_shows_it(server: OwnServer) -> None:
    with server.client() as client:
        client.config_set("requirepass", "canary")
    allowance = Allowance("network:n", 1, HOUR)
    assert RedisThrottle(f"{server.url}&password=canary").count([allowance], AT) is None
    with pytest.raises(Unavailable) as refusal:
        RedisThrottle(f"{server.url}&password=canary2").count([allowance], AT)
    assert "canary" not in f"{refusal.value!r} {refusal.value.__cause__!r}"


def test_what_the_server_holds_and_we_did_not_write_is_no_count(shared: Shared, throttle: RedisThrottle) -> None:
    """L11: failure closes."""
    with Redis.from_url(shared.url) as client:
        client.set(f"{shared.prefix}text", "5")
        client.hset(f"{shared.prefix}odd", mapping={"attempts": "5", "ends_at": "noon"})
    for key in ("text", "odd"):
        with pytest.raises(Unavailable):
            throttle.count([Allowance(key, 1, HOUR)], AT)
