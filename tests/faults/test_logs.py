"""A log that cannot be written: nobody who asks for a page notices."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from offbrand.bootstrap import connected
from offbrand.settings import Settings
from tests.faults.browser import Browser
from tests.faults.proxy import HOST
from tests.faults.site import credentials, settle
from tests.integration.cli.terminal import PROGRAM, Terminal
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.proxy import Proxy

LOGS = {"full": "2>/dev/full", "closed": "2>&-", "read by nobody": ""}


@contextmanager
def logging_to(log: str, terminal: Terminal, *args: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command whose standard error is that log."""
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
        ["/bin/sh", "-c", f'exec "$@" {LOGS[log]}', "sh", *PROGRAM, *args],
        cwd=terminal.folder,
        env=terminal.program_environ(),
        stdout=subprocess.PIPE,
        stderr=writer,
        text=True,
    ) as process:
        os.close(writer)
        try:
            yield process
        finally:
            process.kill()


def answers(port: int) -> bool:
    try:
        return Browser(port).get("/healthz").status == 200
    except ConnectionError:
        return False


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("log", LOGS)
def test_flt_05_requests_do_not_mind_a_log_that_is(log: str, url: str, line: Proxy, tmp_path: Path) -> None:
    """FLT-05: what is logged of a database that is gone goes nowhere; pages say the same, and the end is as usual."""
    terminal = Terminal.at(tmp_path).but(OFFBRAND_DATABASE_URL=url, OFFBRAND_BASE_URL=f"http://{HOST}")
    with connected(Settings.from_env(terminal.environ)) as auth:
        ada = settle(auth)
    port = free_port()  # as what cannot be logged cannot tell which it has chosen
    with logging_to(log, terminal, "serve", "--port", str(port)) as process:
        until(lambda: answers(port))
        browser = Browser(port).open("/auth/login")
        line.vanish()
        for _ in range(3):
            assert browser.send("/auth/login", **credentials(ada)).is_refusal
        line.appear()
        assert browser.send("/auth/login", **credentials(ada)).is_done
        assert browser.get("/auth/account").status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.mark.parametrize("log", LOGS)
def test_flt_05_commands_do_not_mind_a_log_that_is(log: str, file: Path, tmp_path: Path) -> None:
    assert file.parent == tmp_path
    with logging_to(log, Terminal.at(tmp_path), "-v", "mail", "deliver", "--json") as process:
        said, _ = process.communicate(timeout=60)
    assert (process.returncode, '"sent": 0' in said) == (0, True)
