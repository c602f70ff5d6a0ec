"""CLI: the door for terminals and scripts; `main` can be imported without click."""

from __future__ import annotations

import io
import signal
import sys
from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.extras import extra_for
from offbrand.entrypoints.failures import EX_CONFIG

if TYPE_CHECKING:
    from types import FrameType

EXIT_INTERRUPTED = 128 + signal.SIGINT
EXIT_TERMINATED = 128 + signal.SIGTERM


def main() -> None:
    """Run the program named by the command line; it ends with a code of sysexits(3)."""
    # An exception and no sudden death, so that a prompt gives the terminal its echo back.
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        from offbrand.entrypoints.cli.app import offbrand  # noqa: PLC0415 - click may be missing
    except ModuleNotFoundError as error:
        extra = extra_for(error)
        if extra is None:
            raise
        sys.exit(_refuse(extra))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    offbrand.main()


def _refuse(extra: str) -> int:
    sys.stderr.write(extra + "\n")
    return EX_CONFIG


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(EXIT_TERMINATED)
