"""Host: an application and its Procrastinate workers, over one PostgreSQL database, as docs/procrastinate.md says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import sqlalchemy as sa

from offbrand import bootstrap
from offbrand.adapters.sql.tables import letters
from offbrand.domain.letters import LetterState
from tests.doors.deployment import CHEAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

DOCUMENT = Path(__file__).parents[3] / "docs" / "procrastinate.md"
_TEXT = DOCUMENT.read_text(encoding="utf-8")
WORKER, APPLICATION = re.findall(r"^```python\n(.*?)^```$", _TEXT, flags=re.DOTALL | re.MULTILINE)
(_COMMANDS,) = re.findall(r"^```sh\n(.*?)^```$", _TEXT, flags=re.DOTALL | re.MULTILINE)
UPGRADE, APPLY, WORK = ([*line.split()] for line in _COMMANDS.splitlines())
_PROGRAMS = {"python": [sys.executable], "offbrand": [sys.executable, "-m", "offbrand.entrypoints.cli"]}
# Programs start elsewhere, where a relative path to the package leads nowhere.
_WHERE_IT_LIES = str(Path(bootstrap.__file__).resolve().parents[1])
_REGISTER = "register(app, auth)"
EVERY_SECOND = "* * * * * *"
NEVER = "0 0 29 2 *"
PATIENCE = 60  # seconds, for a machine that is busy; never waited for when all is well


@attrs.frozen
class Host:
    """Programs of a host, in *folder*, and what their database holds."""

    folder: Path
    url: str
    engine: sa.Engine
    smtp_port: int = 1

    @property
    def environ(self) -> Mapping[str, str]:
        """Return the settings of all programs."""
        return {
            "OFFBRAND_ENV": "development",
            "OFFBRAND_DATABASE_URL": self.url,
            "OFFBRAND_SECRET_KEYS": "0123456789abcdefghijklmnopqrstuvwxyz",
            "OFFBRAND_SMTP_URL": f"smtp+plain://localhost:{self.smtp_port}",
            **CHEAP,
        }

    def run(self, command: Sequence[str]) -> str:
        """Run a program to its end; return what it printed."""
        done = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            _found(command),
            cwd=self.folder,
            env=self._program_environ(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def worker(self, sweep: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """Run the worker of the document, which may *sweep* at other times, until the block ends."""
        text = WORKER if sweep is None else WORKER.replace(_REGISTER, f"{_REGISTER[:-1]}, sweep={sweep!r})")
        assert sweep is None or text != WORKER
        (self.folder / "worker.py").write_text(text, encoding="utf-8")
        with (self.folder / "worker.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - as above
                _found(WORK), cwd=self.folder, env=self._program_environ(), stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def ask(self, query: str) -> list[dict[str, object]]:
        """Return rows that are committed."""
        with self.engine.connect() as connection:
            return [{**row} for row in connection.execute(sa.text(query)).mappings()]

    def jobs(self) -> list[dict[str, object]]:
        """Return what Procrastinate has been told, but not of sweeps."""
        return self.ask("SELECT * FROM procrastinate_jobs WHERE args = '{}' ORDER BY id")

    def states(self) -> list[str]:
        """Return the states of all letters."""
        return [str(row["state"]) for row in self.ask("SELECT state FROM offbrand_letters")]

    def are_sent(self, count: int) -> Callable[[], bool]:
        """Return what tells whether as many letters have been sent."""
        return lambda: self.states().count(LetterState.SENT.value) == count

    def change_letters(self, **values: object) -> None:
        """Move what the clock would have to move."""
        with self.engine.begin() as connection:
            connection.execute(letters.update().values(values))

    def _program_environ(self) -> Mapping[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("OFFBRAND_")}
        return {**ours, "PYTHONPATH": _WHERE_IT_LIES, **self.environ}


def _found(command: Sequence[str]) -> Sequence[str]:
    """Return a command of the document as one of this interpreter."""
    program, *arguments = command
    return [*_PROGRAMS[program], *arguments]
