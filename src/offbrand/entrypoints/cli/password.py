"""Password: the commands that reset and change it."""

from __future__ import annotations

import click

from offbrand.domain.claims import Purpose
from offbrand.entrypoints import parsing, promises
from offbrand.entrypoints.cli import asking, printing
from offbrand.entrypoints.cli.core import visiting


@click.group()
def password() -> None:
    """Reset a forgotten password, or change a known one."""


@password.command()
@click.argument("email")
def reset(email: str) -> None:
    """Have a link sent that sets another password."""
    address = parsing.email_address(email)
    with visiting() as visitor:
        visitor.auth.password_reset.request(address, client=visitor.client)
    printing.say(
        f"{promises.PASSWORD_RESET} Its link, given to `offbrand password reset-complete`, sets another password."
    )


@password.command()
def reset_complete() -> None:
    """
    Set another password with the link from the letter.

    Every session ends.

    Asks for the link, then for the new password.
    """
    with visiting() as visitor:
        visitor.file.prepare()
        token = asking.link()
        account = visitor.auth.landing.look(token, Purpose.PASSWORD_RESET).account
        printing.remark(f"This link sets the password of {account.username} ({account.email}).")
        chosen = asking.new_password()
        visitor.know(visitor.auth.password_reset.complete(token, chosen, client=visitor.client))
    printing.say("The password is set. Log in with `offbrand login`.")


@password.command()
def change() -> None:
    """
    Change your password; every other session ends.

    Asks for the current password, then for the new one.
    """
    with visiting() as visitor:
        session = visitor.session
        visitor.auth.login.account_of(session)
        current, chosen = asking.password("Your current password"), asking.new_password()
        visitor.keep(visitor.auth.password_change.change(session, current, chosen, client=visitor.client))
    printing.say("The password is changed; every other session has ended.")
