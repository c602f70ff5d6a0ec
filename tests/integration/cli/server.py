"""Server: `offbrand demo` or `offbrand serve` as a program, until the block ends."""

from __future__ import annotations

import socket
import subprocess
import urllib.request
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from tests.integration.cli.terminal import PROGRAM

if TYPE_CHECKING:
    import signal
    from types import TracebackType

    from tests.integration.cli.terminal import Terminal

PATIENCE = 30  # seconds, for a machine that is busy; never waited for when all is well


class Server:
    """A program that serves."""

    def __init__(self, terminal: Terminal, *args: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            [*PROGRAM, *args],
            cwd=terminal.folder,
            env=terminal.program_environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()

    def says(self) -> str:
        """Return the next line of its standard output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def remarks(self) -> str:
        """Return the next line of its standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.readline().rstrip("\n")

    def ends(self, number: signal.Signals) -> tuple[int, str, str]:
        """Send it a signal; return its exit code and what else it said."""
        self.process.send_signal(number)
        said, remarked = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said, remarked


def page(url: str) -> tuple[int, str, dict[str, str]]:
    """Return status, text and headers of a page."""
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - a server of ours
        return answer.status, answer.read().decode(), dict(answer.headers)


def connected(url: str) -> socket.socket:
    """Return a connection to the server behind *url*."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 80), PATIENCE)
