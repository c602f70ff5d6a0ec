"""Terminal: a folder of its own in which commands are typed, in this process or as programs."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from click.testing import CliRunner, Result

from offbrand import bootstrap
from offbrand.entrypoints.cli.app import offbrand
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offbrand import Auth

PROGRAM = [sys.executable, "-m", "offbrand.entrypoints.cli"]
PASSWORD = "a lantern, a ladder and a loaf"
OTHER_PASSWORD = "seven quiet geese on the canal"
# Programs start elsewhere, where a relative path to the package leads nowhere.
_WHERE_IT_LIES = str(Path(bootstrap.__file__).resolve().parents[1])
_LINK = re.compile(r"http\S+/auth/(confirm|reset|change-email|undo-email)/([\w.-]+)")


@attrs.frozen
class Terminal:
    """One person's terminal; ``environ`` is all that its commands see of ``OFFBRAND_`` variables."""

    folder: Path
    environ: Mapping[str, str]

    @classmethod
    def at(cls, folder: Path, state: str = "state") -> Terminal:
        """Return a terminal that works with ``offbrand.db`` in *folder* and keeps its session in *state*."""
        return cls(
            folder,
            {
                "OFFBRAND_ENV": "development",
                "OFFBRAND_DATABASE_URL": f"sqlite:///{folder}/offbrand.db",
                "OFFBRAND_HASH_MEMORY_KIB": "8",
                "OFFBRAND_HASH_PASSES": "1",
                "OFFBRAND_HASH_LANES": "1",
                "XDG_STATE_HOME": str(folder / state),
            },
        )

    def but(self, **environ: str) -> Terminal:
        """Return the terminal with another environment."""
        return attrs.evolve(self, environ={**self.environ, **environ})

    def run(self, *args: str, lines: tuple[str, ...] = (), core: Auth | None = None) -> Result:
        """Type a command, and *lines* into its standard input; give the program a *core* of its own or none."""
        strangers = dict.fromkeys(name for name in os.environ if name.startswith("OFFBRAND_"))
        text = "".join(f"{line}\n" for line in lines)
        return CliRunner().invoke(offbrand, args, input=text, env={**strangers, **self.environ}, obj=core)

    def do(self, *args: str, lines: tuple[str, ...] = ()) -> str:
        """Type a command that must succeed; return what it prints."""
        result = self.run(*args, lines=lines)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def program_environ(self) -> dict[str, str]:
        """Return the environment for a program of its own."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("OFFBRAND_")}
        return {**ours, "PYTHONPATH": _WHERE_IT_LIES, **self.environ}

    def program(self, *args: str, **how: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - as `run` takes it
        """Run a command as a program, from the terminal's folder."""
        how = {"args": [*PROGRAM, *args], "input": "", "env": self.program_environ(), "text": True, **how}
        return subprocess.run(cwd=self.folder, capture_output=True, timeout=60, check=False, **how)

    def link(self, purpose: str) -> str:
        """Let letters leave, and return the newest link of this purpose."""
        self.do("mail", "deliver")
        mailbox = bootstrap.mailbox(Settings.from_env(self.environ))
        assert mailbox is not None
        for head in sorted(mailbox.letters(), key=lambda head: head.id, reverse=True):
            link = _LINK.search(mailbox.read(head.id).text)
            if link is not None and link[1] == purpose:
                return link[0]
        raise LookupError(purpose)

    def join(self, email: str = "ada@example.org", username: str = "ada", password: str = PASSWORD) -> None:
        """Register and confirm, which also logs in."""
        self.do("register", email, username, lines=(password,))
        self.do("confirm", lines=(self.link("confirm"), password))

    def stored(self) -> list[str]:
        """Return everything that the database holds, but for counts of guesses and letters."""
        connection = sqlite3.connect(f"file:{self.folder}/offbrand.db?mode=ro", uri=True)
        try:
            return [line for line in connection.iterdump() if "offbrand_throttle" not in line]
        finally:
            connection.close()


def refusal(result: Result | subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """Return the exit code of a command that was refused, and the code at the end of its one sentence."""
    exit_code = result.exit_code if isinstance(result, Result) else result.returncode
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    match = re.fullmatch(r".*[.!?;:a-z'\"\])] \(([a-z_]+)\)", result.stderr.splitlines()[-1])
    assert match is not None, result.stderr
    return exit_code, match[1]


def told(terminal: Terminal, *args: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what a command says to a program."""
    return json.loads(terminal.do(*args, "--json"))
