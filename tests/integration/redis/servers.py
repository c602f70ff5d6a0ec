"""Redis servers: the one that runs on this machine, and those that a test may do anything to."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import attrs
import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DEFAULT = "redis://127.0.0.1:6379"
# Seconds, for a machine that is busy; never waited for when all is well. A deployment waits for a fraction of one.
_PATIENCE = 60


@attrs.frozen
class Shared:
    """A prefix of a test's own on a server that others may use as well; whoever has its URL is patient with it."""

    url: str
    prefix: str


@contextmanager
def shared_server() -> Iterator[Shared]:
    """Give a prefix that no key begins with, and delete what begins with it; skip where no server answers."""
    url = os.environ.get("OFFBRAND_TEST_REDIS_URL")
    shared = Shared(_patient(url or _DEFAULT), f"offbrand-test-{secrets.token_hex(6)}:")
    with Redis.from_url(shared.url) as client:
        try:
            client.ping()
        except RedisError as error:
            missing(f"no Redis answers: {type(error).__name__}", is_promised=bool(url))
        yield shared
        for key in client.scan_iter(f"{shared.prefix}*", count=1000):
            client.delete(key)


def missing(reason: str, *, is_promised: bool = False) -> NoReturn:
    """Skip, or fail where Redis was promised."""
    if is_promised or "redis" in os.environ.get("OFFBRAND_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


def _patient(url: str) -> str:
    """Tell whoever is given *url* to be patient."""
    terms = f"socket_timeout={_PATIENCE}&socket_connect_timeout={_PATIENCE}"
    return f"{url}{'&' if '?' in url else '?'}{terms}"


class OwnServer:
    """
    A server process that a test may empty, stop and kill; it listens on a socket in *folder* alone.

    Whoever has its ``url`` is patient with it, and whoever has its ``hasty_url`` as a deployment is by default.
    """

    def __init__(self, folder: Path) -> None:
        self._program = shutil.which("redis-server") or missing("no redis-server is installed")
        # Named by its place in the working directory, as the path of a socket must be short.
        self._socket = folder / "redis.sock"
        self.hasty_url = f"unix://{self._socket}"
        self.url = _patient(self.hasty_url)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start empty, and wait until it answers."""
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "save": "",
            "appendonly": "no",
            "enable-debug-command": "yes",
        }
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen([self._program, *arguments], stdout=subprocess.DEVNULL)  # noqa: S603
        with self.client() as client:
            client.ping()

    def client(self) -> Redis:
        """Return a client that is patient, also with a server that does not listen yet."""
        retry = Retry(ConstantBackoff(0.02), 50 * _PATIENCE)
        return Redis.from_url(self.url, retry=retry, retry_on_error=[RedisError])

    def kill(self) -> None:
        """End it at once, and with it all that it held."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None
            self._socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Let it accept connections and say nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on, and wait until it answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
        with self.client() as client:
            client.ping()
