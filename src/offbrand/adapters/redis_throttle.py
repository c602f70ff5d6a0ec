"""Redis throttle: counts that many machines share, in Redis or Valkey."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import SSLConnection
from redis.retry import Retry

from offbrand.domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.domain.policy import Allowance

_PATIENCE = 0.25  # seconds to wait for a connection, and then for each answer
_RETRY_AFTER = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Redis drops counts by its own clock; a machine whose clock is a little behind shall still find them.
_LINGERING = timedelta(minutes=1)
# A script of our own and not the library `limits`, which asks once for each key, counts on beyond the limit, and reads
# the system's clock. Moments are microseconds in text, because Lua would round numbers of that size in writing.
_COUNT = """
local at = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
    local limit, ends_at, lives = tonumber(ARGV[3 * i - 1]), ARGV[3 * i], tonumber(ARGV[3 * i + 1])
    local found = redis.call('HMGET', key, 'attempts', 'ends_at')
    local attempts = tonumber(found[1])
    if not attempts or (found[2] ~= '' and at >= tonumber(found[2])) then
        attempts = 0
        redis.call('HSET', key, 'ends_at', ends_at)
        if lives > 0 then redis.call('PEXPIRE', key, lives) else redis.call('PERSIST', key) end
    else
        ends_at = found[2]
    end
    redis.call('HSET', key, 'attempts', math.min(attempts, limit) + 1)
    if attempts >= limit then return {i - 1, ends_at} end
end
return {#KEYS, ARGV[1]}
"""


class RedisThrottle:
    """
    A `Throttle` over one server: the callers' moments decide, and the server's own clock only clears away.

    Keys begin with *prefix*. Some name networks, which is why none with a window lives longer than a minute after it.
    """

    def __init__(self, url: str, prefix: str = "offbrand:") -> None:
        """
        Prepare; connects to nothing yet.

        Raises:
            ValueError: If *url* has something that no connection can be made with.
        """
        scheme, _, rest = url.partition(":")
        try:
            self._client = Redis.from_url(
                # Valkey speaks as Redis does, and the library knows one name for both.
                f"{scheme.replace('valkey', 'redis')}:{rest}",
                socket_timeout=_PATIENCE,
                socket_connect_timeout=_PATIENCE,
                retry=Retry(NoBackoff(), 0),
                # A connection begins with fewer questions, each of which may take as long as one is patient.
                protocol=2,
            )
            self._sample = self._client.connection_pool.make_connection()
            self._script = self._client.register_script(_COUNT)
        except Exception:  # noqa: BLE001 - whatever reads an option first raises anything, and quotes it
            raise ValueError("it has an option that is not known, or that cannot have its value") from None
        self._prefix = prefix

    @property
    def host(self) -> str | None:
        """The host that connections are made to; None for a socket."""
        return getattr(self._sample, "host", None)

    @property
    def is_proved(self) -> bool:
        """Whether the server has to prove that it is that host."""
        sample = self._sample  # of which the kind of certificate check that is none is 0
        return isinstance(sample, SSLConnection) and bool(sample.cert_reqs and sample.check_hostname)

    def count(self, allowances: Sequence[Allowance], at: datetime) -> tuple[str, timedelta | None] | None:
        """
        Count under each allowance in turn, up to the first that is spent, in one step.

        Raises:
            Unavailable: If Redis does not do its part, in whatever way.
        """
        arguments: list[str | int] = [_text(at)]
        for allowance in allowances:
            window = allowance.window
            lives = (window + _LINGERING) // timedelta(milliseconds=1) if window else 0
            arguments += [allowance.limit, _text(at + window) if window else "", lives]
        try:
            place, ends_at = self._script([self._prefix + allowance.key for allowance in allowances], arguments)
            # That none is spent is said in so many words, or whatever says nothing would let everybody through.
            if place == len(allowances) and int(ends_at) == int(arguments[0]):
                return None
            return allowances[place].key, int(ends_at) * _MICROSECOND - (at - _EPOCH) if ends_at else None
        except Exception as error:
            # What answers there may not be Redis at all, and then the library raises anything.
            raise Unavailable(_RETRY_AFTER) from error

    def forget(self, key: str) -> None:
        """
        Delete *key*.

        Raises:
            Unavailable: As for `count`.
        """
        try:
            self._client.delete(self._prefix + key)
        except Exception as error:
            raise Unavailable(_RETRY_AFTER) from error

    def sweep(self, at: datetime) -> int:  # noqa: ARG002 - the port's signature
        """Leave it to Redis, which drops counts by itself."""
        return 0


def _text(moment: datetime) -> str:
    return str((moment - _EPOCH) // _MICROSECOND)
