"""App: the program ``offbrand``, its commands by section, and the one place where all of them end."""

from __future__ import annotations

import difflib
import importlib.metadata
import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from offbrand.entrypoints.cli.printing import flush
from offbrand.entrypoints.cli.reporting import report
from offbrand.entrypoints.logs import log_to_stderr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offbrand.domain.auth import Auth

# Each command with the module that has it, so that only the one in use is loaded.
_SECTIONS = {
    "Try and serve": {"demo": "serving", "serve": "serving", "db": "database", "doctor": "doctor"},
    "Your own account": {
        "register": "registration",
        "confirm": "confirmation",
        "login": "login",
        "prove": "login",
        "whoami": "login",
        "logout": "login",
        "password": "password",
        "email": "email_change",
        "sessions": "sessions",
        "activity": "account",
        "export": "account",
        "close": "account",
    },
    "For operators": {
        "accounts": "accounts",
        "roles": "roles",
        "mail": "mail",
        "events": "events",
        "purge": "housekeeping",
    },
}
_PROGRAM = "offbrand"
_SHORT = 66  # what fits beside the names in a terminal of 80 columns
_SILENCE = logging.NullHandler()
_MODULES = {name: module for section in _SECTIONS.values() for name, module in section.items()}


class Commands(click.Group):
    """Loads commands when they are named, and turns however they end into an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the same in every context
        """Return the names of all commands."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Load a command."""
        if cmd_name not in _MODULES:
            return None
        module = import_module(f"{__package__}.{_MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named first; of a misspelt one, say which may have been meant."""
        near = [] if args[0] in _MODULES else difflib.get_close_matches(args[0], _MODULES)
        if near and not ctx.resilient_parsing:
            # As click does it where it knows the commands, which would load them all.
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by section."""
        for title, names in _SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl(
                    [(name, command.get_short_help_str(_SHORT)) for name, command in commands if command]
                )

    def main(  # type: ignore[override] # narrower: the program is always the same and always ends
        self, args: Sequence[str] | None = None, *, obj: Auth | None = None, **_: object
    ) -> NoReturn:
        """Run the command that *args* name, and end the program; it works with the core *obj* if one is given."""
        self._main_shell_completion({}, _PROGRAM)
        sys.exit(self._run(sys.argv[1:] if args is None else list(args), obj))

    def _run(self, args: list[str], obj: Auth | None) -> int:
        try:
            try:
                with self.make_context(_PROGRAM, args, obj=obj) as context:
                    self.invoke(context)
            except click.exceptions.Exit as done:
                flush()
                return done.exit_code
            flush()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - no traceback ever leaves
            return report(error)
        return 0


def _print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's
    if not wanted or context.resilient_parsing:
        return
    try:
        version = importlib.metadata.version(_PROGRAM)
    except importlib.metadata.PackageNotFoundError:
        version = "(not installed)"
    click.echo(f"{_PROGRAM} {version}")
    context.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Settings are OFFBRAND_... environment variables. Passwords and links are asked for at the terminal, or "
    "read line by line from standard input. Exit codes are those of sysexits(3).",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Also print what is logged; when serving, a line for each request, too."
)
def offbrand(verbose: bool) -> None:  # noqa: FBT001 - click's
    """Accounts, logins, password resets and email changes."""
    if verbose:
        log_to_stderr()
    else:
        # Otherwise Python prints warnings of a logger that nobody has configured.
        logging.getLogger(_PROGRAM).addHandler(_SILENCE)
