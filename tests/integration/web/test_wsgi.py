"""WSGI: the application that gunicorn and its like import, in a process of its own as they do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.terminal import Terminal

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

_SERVER = """
from offbrand.entrypoints.wsgi import app
print([app.test_client().get(path).status_code for path in ("/healthz", "/readyz")])
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a deployment without tables."""
    return Terminal.at(tmp_path)


def served(terminal: Terminal) -> subprocess.CompletedProcess[str]:
    return terminal.program(args=[sys.executable, "-c", _SERVER])


def test_a_server_imports_the_application(terminal: Terminal) -> None:
    terminal.do("db", "upgrade")
    server = served(terminal)
    assert (server.returncode, server.stdout, server.stderr) == (0, "[200, 200]\n", "")


def test_missing_tables_are_told_when_the_server_starts(terminal: Terminal) -> None:
    """Of the defect in which each request ends, the log has the type and the places alone (law L9)."""
    server = served(terminal)
    assert (server.returncode, server.stdout) == (0, "[200, 500]\n")
    first, *_ = server.stderr.splitlines()
    assert first.endswith(": offbrand db upgrade")


def test_a_database_that_does_not_answer_stops_no_start(terminal: Terminal) -> None:
    """It may be there in a moment, and nothing has to be restarted then."""
    pytest.importorskip("psycopg")
    gone = terminal.but(OFFBRAND_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:9/none")
    server = served(gone)
    assert (server.returncode, server.stdout) == (0, "[200, 503]\n")
    assert "db upgrade" not in server.stderr
