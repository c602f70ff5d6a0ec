"""CLI driver: what a person does with the commands, one state directory a browser."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

from click.testing import CliRunner

from offbrand.contracts.driver import OK, Visitor
from offbrand.entrypoints.cli.app import offbrand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from click.testing import Result

    from offbrand import Auth
    from offbrand.contracts.driver import Arrived
    from offbrand.contracts.library_driver import Movable

_CODE = re.compile(r"\(([a-z_]+)[^()]*\)\s*$")


class CliDriver:
    """A `Driver` through the command line, over the core given, or else that of the deployment in *environ*."""

    def __init__(
        self,
        environ: Mapping[str, str],
        folder: Path,
        letters: Callable[[], Sequence[Arrived]],
        clock: Movable,
        auth: Auth | None = None,
    ) -> None:
        self._environ = environ
        self._folder = folder
        self._read_letters = letters
        self._clock = clock
        self._auth = auth
        self._runner = CliRunner()

    def register(self, browser: str, email: str, username: str, password: str) -> str:
        return self._do(browser, "register", "--", email, username, asked=[password])

    def request_confirmation(self, browser: str, email: str) -> str:
        return self._do(browser, "confirm", "--resend", email)

    def confirm(self, browser: str, token: str, password: str) -> str:
        code = self._do(browser, "confirm", asked=[token, password])
        # The command does not ask for a password where none can be right.
        return "wrong_password" if code == "invitation" else code

    def confirm_anew(self, browser: str, token: str, username: str, password: str) -> str:
        return self._do(browser, "confirm", "--anew", username, asked=[token, password])

    def discard(self, browser: str, token: str) -> str:
        return self._do(browser, "confirm", "--discard", asked=[token])

    def log_in(self, browser: str, identifier: str, password: str, *, remember: bool = False) -> str:
        return self._do(browser, "login", *(["--remember"] if remember else []), identifier, asked=[password])

    def whoami(self, browser: str) -> Visitor:
        result = self._run(browser, "whoami", "--json")
        if result.exit_code:
            return Visitor(_code(result))
        shown = json.loads(result.stdout)
        return Visitor(OK, shown["email"], shown["username"])

    def prove(self, browser: str, password: str) -> str:
        return self._do(browser, "prove", asked=[password])

    def log_out(self, browser: str) -> str:
        return self._do(browser, "logout")

    def request_reset(self, browser: str, email: str) -> str:
        return self._do(browser, "password", "reset", email)

    def complete_reset(self, browser: str, token: str, password: str) -> str:
        return self._do(browser, "password", "reset-complete", asked=[token, password])

    def change_password(self, browser: str, current: str, new: str) -> str:
        return self._do(browser, "password", "change", asked=[current, new])

    def request_email_change(self, browser: str, email: str) -> str:
        return self._do(browser, "email", "change", email)

    def complete_email_change(self, browser: str, token: str) -> str:
        return self._do(browser, "email", "change-complete", asked=[token])

    def undo_email_change(self, browser: str, token: str) -> str:
        return self._do(browser, "email", "undo", asked=[token])

    def sessions(self, browser: str) -> Sequence[str]:
        result = self._run(browser, "sessions", "list", "--json")
        return [] if result.exit_code else [row["id"] for row in json.loads(result.stdout)["sessions"]]

    def end_session(self, browser: str, session_id: str) -> str:
        return self._do(browser, "sessions", "end", session_id)

    def end_other_sessions(self, browser: str) -> str:
        return self._do(browser, "sessions", "end-others")

    def close(self, browser: str) -> str:
        return self._do(browser, "close")

    def invite(self, email: str, username: str) -> str:
        return self._do("operator", "accounts", "invite", email, username)

    def disable(self, identifier: str) -> str:
        return self._do("operator", "accounts", "disable", identifier)

    def enable(self, identifier: str) -> str:
        return self._do("operator", "accounts", "enable", identifier)

    def reopen(self, identifier: str) -> str:
        return self._do("operator", "accounts", "reopen", identifier)

    def end_sessions(self, identifier: str) -> str:
        return self._do("operator", "accounts", "end-sessions", identifier)

    def remove_password(self, identifier: str) -> str:
        return self._do("operator", "accounts", "remove-password", identifier)

    def purge(self) -> str:
        return self._do("operator", "purge")

    def deliver(self) -> None:
        assert self._run("operator", "mail", "deliver").exit_code == 0

    def mail_status(self) -> Mapping[str, int]:
        status: dict[str, int] = json.loads(self._run("operator", "mail", "status", "--json").stdout)
        return {name: count for name, count in status.items() if name != "troubled"}

    def letters(self) -> Sequence[Arrived]:
        return self._read_letters()

    def copy_browser(self, browser: str, into: str) -> None:
        source, target = self._folder / browser, self._folder / into
        if source == target:
            return
        shutil.rmtree(target, ignore_errors=True)
        if source.exists():
            shutil.copytree(source, target)

    def tick(self, seconds: int) -> None:
        self._clock.tick(seconds=seconds)

    def _do(self, browser: str, *args: str, asked: Sequence[str] = ()) -> str:
        result = self._run(browser, *args, asked=asked)
        return _code(result) if result.exit_code else OK

    def _run(self, browser: str, *args: str, asked: Sequence[str] = ()) -> Result:
        environ = {**self._environ, "XDG_STATE_HOME": str(self._folder / browser)}
        typed = "".join(f"{line}\n" for line in asked)
        return self._runner.invoke(offbrand, args, input=typed, env=environ, obj=self._auth)


def _code(result: Result) -> str:
    found = _CODE.search(result.stderr)
    return found[1] if found else f"exit {result.exit_code}"
