"""Screen: a program at a terminal of its own, with somebody who reads what it shows and presses keys."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from tests.integration.cli.terminal import Terminal

CTRL_C = b"\x03"
CTRL_D = b"\x04"
PATIENCE = 60  # seconds, for a machine that is busy; never waited for when all is well
# A terminal sends Ctrl-C as a signal only to programs that it controls.
_CONTROLLED = (
    "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); from offbrand.entrypoints.cli import main; main()"
)


class Screen:
    """The terminal's other side, for as long as the block lasts."""

    def __init__(self, terminal: Terminal, *args: str) -> None:
        self.shown = ""
        self._mine, self._theirs = os.openpty()
        self.process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            [sys.executable, "-c", _CONTROLLED, *args],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            env={**terminal.program_environ(), "COLUMNS": "1"},
            cwd=terminal.folder,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._mine)
        os.close(self._theirs)

    def sees(self, text: str) -> None:
        """Read until *text* is on the screen."""
        while text not in self.shown:
            assert self.process.poll() is None or self._has_news(0), self.shown
            if self._has_news(PATIENCE):
                self.shown += os.read(self._mine, 4096).decode()

    def types(self, text: str) -> None:
        """Type a line."""
        self.shown = ""
        os.write(self._mine, text.encode() + b"\n")

    def presses(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._mine, key)

    def ends(self) -> int:
        """Read until the end of the program; return its exit code."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < until, self.shown
            # Nobody who has much to say could end while nobody reads.
            if self._has_news(0.05):
                self.shown += os.read(self._mine, 4096).decode()
        exit_code = self.process.returncode
        while self._has_news(0):
            self.shown += os.read(self._mine, 4096).decode()
        return exit_code

    def _has_news(self, patience: float) -> bool:
        return bool(select.select([self._mine], [], [], patience)[0])

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._theirs)[3] & termios.ECHO)
