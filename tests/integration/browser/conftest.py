"""A real browser, and a server that it visits."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import pytest

from tests.doors.deployment import CHEAP
from tests.integration.browser.postbox import PATIENCE, Postbox
from tests.integration.mail.smtp_server import serving
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

# What a browser in a test must not do: run in the sandbox that root cannot have, use a screen, call home.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@attrs.frozen
class Site:
    """A running ``offbrand serve`` and the postbox that its letters reach."""

    url: str
    postbox: Postbox
    environ: dict[str, str]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser; missing, it is a visible skip, unless it is required."""
    program = os.environ.get("OFFBRAND_TEST_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        required = "browser" in os.environ.get("OFFBRAND_REQUIRE", "").split(",")
        (pytest.fail if required else pytest.skip)("no Chromium is installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=_FLAGS, timeout=1000 * PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server of this test's own, as a developer would start it."""
    postbox = Postbox()
    with serving(postbox) as smtp_port:
        url = f"http://localhost:{free_port()}"
        environ = {
            **os.environ,
            **CHEAP,
            "OFFBRAND_ENV": "development",
            "OFFBRAND_BASE_URL": url,
            "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path / 'offbrand.db'}",
            "OFFBRAND_SMTP_URL": f"smtp+plain://localhost:{smtp_port}",
            "OFFBRAND_MAIL_SENDER": "door@example.org",
            "XDG_STATE_HOME": str(tmp_path),
        }
        command = [sys.executable, "-m", "offbrand.entrypoints.cli", "serve", "--port", url.rpartition(":")[2]]
        with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
            assert server.stderr is not None
            assert "Serving" in server.stderr.readline()
            yield Site(url, postbox, environ)
            server.send_signal(signal.SIGINT)
            said = server.communicate(timeout=PATIENCE)[1]
            assert server.returncode == 0, said
            assert "Traceback" not in said
