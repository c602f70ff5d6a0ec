"""The doctor, where Redis counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.cli.examined import KEY, examined
from tests.integration.cli.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.redis.servers import OwnServer


def test_redis_that_does_not_answer_is_only_worth_a_thought(server: OwnServer, tmp_path: Path) -> None:
    """FLT-08: nobody is let through meanwhile, as the database counts in its stead."""
    terminal = Terminal.at(tmp_path).but(OFFBRAND_THROTTLE_URL=server.url, OFFBRAND_SECRET_KEYS=KEY)
    terminal.run("db", "upgrade")
    well = examined(terminal)
    assert (well.states("throttle"), "Redis answers." in well.says("throttle")) == ({"ok"}, True)
    with server.client() as client:
        assert client.keys("*doctor*") == []
    server.kill()
    ill = examined(terminal)
    assert (ill.exit_code, ill.states("throttle")) == (0, {"ok", "warning"})
    assert "OFFBRAND_THROTTLE_URL" in ill.says("throttle")


def test_a_url_of_redis_that_cannot_be_used_is_a_setting_to_mend(tmp_path: Path) -> None:
    """And no defect of ours."""
    terminal = Terminal.at(tmp_path).but(OFFBRAND_SECRET_KEYS=KEY)
    terminal.run("db", "upgrade")
    report = examined(terminal.but(OFFBRAND_THROTTLE_URL="rediss://:canary@127.0.0.1?ssl_cert_reqs=canary"))
    assert report.exit_code == 78
    assert "OFFBRAND_THROTTLE_URL cannot be used" in str(report)
    assert "canary" not in str(report)
