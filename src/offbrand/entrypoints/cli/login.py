"""Login: the commands that begin, prove, show and end this terminal's session."""

from __future__ import annotations

import click

from offbrand.entrypoints import parsing
from offbrand.entrypoints.cli import asking, printing, records
from offbrand.entrypoints.cli.core import visiting


@click.command()
@click.argument("identifier", metavar="EMAIL|USERNAME")
@click.option("--remember", is_flag=True, help="Stay logged in for longer.")
def login(identifier: str, *, remember: bool) -> None:
    """
    Log in.

    The session is kept in a file that only you can read.

    Asks for the password.
    """
    with visiting() as visitor:
        visitor.file.prepare()
        password = asking.password()
        name = parsing.identifier(identifier)
        opened = visitor.auth.login.log_in(name, password, remember, client=visitor.client)
        visitor.begin(opened)
    printing.say(f"You are logged in until {opened.expires_at:%Y-%m-%d %H:%M} UTC at the latest.")


@click.command()
def prove() -> None:
    """
    Type the password again, which some commands need to be fresh.

    Asks for the password.
    """
    with visiting() as visitor:
        session = visitor.session
        visitor.keep(visitor.auth.login.prove(session, asking.password(), client=visitor.client))
        minutes = visitor.auth.policy.proof_lasts.total_seconds() / 60
    printing.say(f"That counts as fresh for {minutes:.0f} minutes.")


@click.command()
@printing.json_option
def whoami(*, as_json: bool) -> None:
    """Show the account that this terminal is logged in to."""
    with visiting() as visitor:
        printing.record(records.own_account(visitor.auth.sessions.current(visitor.session)), as_json=as_json)


@click.command()
def logout() -> None:
    """End this terminal's session."""
    with visiting() as visitor:
        if visitor.kept.session is not None:
            visitor.auth.login.log_out(visitor.kept.session, client=visitor.client)
            visitor.forget()
    printing.say("You are logged out.")
