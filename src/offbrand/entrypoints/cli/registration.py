"""Registration: the command that asks for an account."""

from __future__ import annotations

import click

from offbrand.entrypoints import parsing, promises
from offbrand.entrypoints.cli import asking, printing
from offbrand.entrypoints.cli.core import visiting


@click.command()
@click.argument("email")
@click.argument("username")
def register(email: str, username: str) -> None:
    """
    Register; a letter brings the link that confirms the account.

    Asks for the new password.
    """
    address, name = parsing.email_address(email), parsing.username(username)
    with visiting() as visitor:
        visitor.auth.registration.register(address, name, asking.new_password(), client=visitor.client)
    printing.say(f"{promises.REGISTRATION} If it has a link, give that to `offbrand confirm`.")
