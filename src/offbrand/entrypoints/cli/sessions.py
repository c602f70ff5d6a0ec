"""Sessions: the commands that show and end the sessions of one's own account."""

from __future__ import annotations

import click

from offbrand.entrypoints import parsing
from offbrand.entrypoints.cli import printing, records
from offbrand.entrypoints.cli.core import visiting


@click.group()
def sessions() -> None:
    """Show and end your sessions."""


@sessions.command("list")
@printing.json_option
def show(*, as_json: bool) -> None:
    """List your sessions, last seen first."""
    with visiting() as visitor:
        current = visitor.auth.sessions.current(visitor.session).session
        found = [
            records.session(row, current=row.id == current.id) for row in visitor.auth.sessions.of(visitor.session)
        ]
    printing.listing(
        "sessions",
        found,
        ["id", "current", "began_at", "seen_at", "expires_at", "network", "user_agent"],
        as_json=as_json,
    )


@sessions.command()
@click.argument("session_id", metavar="ID")
def end(session_id: str) -> None:
    """
    End one of your sessions.

    Asks for the password if it was typed too long ago.
    """
    with visiting() as visitor:
        visitor.auth.sessions.end(visitor.proved_session(), parsing.session_id(session_id), client=visitor.client)
    printing.say("The session has ended.")


@sessions.command()
@printing.json_option
def end_others(*, as_json: bool) -> None:
    """
    End every session but this one.

    Asks for the password if it was typed too long ago.
    """
    with visiting() as visitor:
        ended = visitor.auth.sessions.end_others(visitor.proved_session(), client=visitor.client)
    printing.record({"ended": ended}, as_json=as_json)
