"""Where Redis is: OFFBRAND_THROTTLE_URL is checked at the start, and its password shown nowhere."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from offbrand.bootstrap import check
from offbrand.settings import Settings, SettingsError
from tests.unit.test_settings import DEVELOPMENT, PRODUCTION

ANY = "cache.example.org"


def settings_of(url: str) -> Settings:
    return Settings.from_env({**PRODUCTION, "OFFBRAND_THROTTLE_URL": url})


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1",
        f"rediss://name:canary@{ANY}:6380/15?ssl_ca_certs=/etc/ca.pem",
        "valkey://[::1]:6379/",
        f"valkeys://{ANY}",
        "unix:///run/redis/redis.sock?db=1",
    ],
)
def test_a_server_may_be_written_in_every_way_that_there_is(url: str) -> None:
    settings = settings_of(url)
    check(settings)
    assert settings.throttle_url is not None
    assert (settings.throttle_url.reveal(), "canary" in repr(settings)) == (url, False)


@pytest.mark.parametrize(
    "url",
    [
        "memcached://127.0.0.1",
        "redis:///0",
        "redis://:canary@127.0.0.1:port",
        "redis://:canary@127.0.0.1/name",
        "redis://:canary@[::1",
        "unix://",
        "unix://host/redis.sock",
        f"redis://:canary@{ANY}?retries=3",
        f"redis://:canary@{ANY}?socket_timeout=soon",
        f"redis://:canary@{ANY}?encoding=canary",
        f"redis://:canary@{ANY}?protocol=9",
        f"redis://:canary@{ANY}?maint_notifications_config=canary",
        f"rediss://:canary@{ANY}?ssl_cert_reqs=canary",
    ],
)
def test_what_cannot_be_used_stops_the_start_in_one_sentence(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^OFFBRAND_THROTTLE_URL .*[^.]\.$") as refused:
        check(settings_of(url))
    assert "canary" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_it_the_database_counts_everything() -> None:
    assert Settings.from_env(DEVELOPMENT).throttle_url is None


def test_what_has_to_be_installed_is_told() -> None:
    """The library is an extra, and a start without it must not end in SQL counting everything in silence."""
    without = "import sys; sys.modules['redis'] = None; from offbrand.entrypoints.cli import main; main()"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OFFBRAND_")}
    ended = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [sys.executable, "-c", without, "mail", "status"],
        env={**environ, **PRODUCTION, "OFFBRAND_THROTTLE_URL": "redis://:canary@127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, "canary" in ended.stderr) == (78, "", False)
    assert 'OFFBRAND_THROTTLE_URL needs what pip install "offbrand[redis]" brings.' in ended.stderr
